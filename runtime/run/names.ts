/** Files of a run, in its folder. */
export const files = {
  model: "model.mtl",
  weights: "model.safetensors",
  codes: "codes.json",
  state: "state.safetensors",
  info: "run.json",
  history: "history.jsonl",
  steps: "steps.jsonl",
  lock: "run.lock",
} as const;

/** Where the texts lie that a run's model imports. */
export const IMPORTS = "imports";
