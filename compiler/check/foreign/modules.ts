/** Names of modules and objects that other programs call layers by: `nn.Linear`, `F.relu`, `tf.keras.layers.Dense`, `self.fc`. */
export const modules: ReadonlySet<string> = new Set([
  ...["nn", "F", "torch", "functional", "tf", "tensorflow", "keras", "layers", "activations", "backend", "K", "self"],
  ...[
    "np",
    "numpy",
    "jax",
    "jnp",
    "flax",
    "hk",
    "haiku",
    "eqx",
    "paddle",
    "mx",
    "mxnet",
    "L",
    "ops",
    "optim",
    "losses",
  ],
  ...[
    "metrics",
    "optimizers",
    "schedulers",
    "lr_scheduler",
    "callbacks",
    "initializers",
    "regularizers",
    "pd",
    "pandas",
  ],
  ...["torchmetrics", "sklearn", "transformers", "polars", "pl", "this"],
]);

/** What puts layers one after another elsewhere. */
export const sequences: ReadonlySet<string> = new Set([
  "Sequential",
  "sequential",
  "Chain",
  "Serial",
  "serial",
  "chain_layers",
]);

/**
 * Layers whose first arguments elsewhere are the sizes of what comes in, which are known here: how many there are, and which of
 * our settings the next ones are.
 */
export const sizesFirst: ReadonlyMap<string, { readonly skip: number; readonly then: readonly string[] }> = new Map([
  ["Linear", { skip: 1, then: [] }],
  ["Embedding", { skip: 1, then: [] }],
  ["Conv1d", { skip: 1, then: ["", "kernel", "stride"] }],
  ["Conv2d", { skip: 1, then: ["", "kernel", "stride"] }],
  ["ConvTranspose2d", { skip: 1, then: ["", "kernel", "stride"] }],
  ["LSTM", { skip: 1, then: [] }],
  ["GRU", { skip: 1, then: [] }],
  ["RNN", { skip: 1, then: [] }],
  ["BatchNorm1d", { skip: 1, then: [] }],
  ["BatchNorm2d", { skip: 1, then: [] }],
  ["LayerNorm", { skip: 1, then: [] }],
  ["Conv1D", { skip: 0, then: ["", "kernel", "stride"] }],
  ["Conv2D", { skip: 0, then: ["", "kernel", "stride"] }],
]);
