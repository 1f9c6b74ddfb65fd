import type { Model } from "../../ir/model.ts";
import type { Registry } from "../../registry/registry.ts";
import { answersInterface, dataCode, inputsInterface, type KnownCells } from "./data.ts";
import { declarationFunctions } from "./declarations.ts";
import type { FunctionDescription, Item, ModuleDescription } from "./description.ts";
import { statement } from "./description.ts";
import { layerFunctions } from "./layer-functions.ts";
import { literalCode } from "./literal.ts";
import { writeLosses } from "./losses.ts";
import { keyCode, Names } from "./names.ts";
import { learntTasks, writeNetwork } from "./network.ts";
import { reachCode } from "./reach.ts";
import { sitesOf, sizedModels } from "./sites.ts";
import { writeTraining } from "./training.ts";
import { Unsupported } from "./unsupported.ts";
import { writeWeights } from "./weights.ts";

/**
 * A model as a TypeScript module for TensorFlow.js: pure, from IR to a description that a printer lays out. Layers, losses,
 * optimizers and balance rules become functions by being traced; `layer-functions.ts` tells how.
 */
export { Unsupported } from "./unsupported.ts";
export type * from "./description.ts";

export interface EmitOptions {
  /** Version of the compiler. */
  readonly version: string;
  /** Hash of the IR. */
  readonly hash: string;
  /** Name of the file without its folders. */
  readonly file: string;
  /** What the module is imported from at run time: `mtlc/runtime`. */
  readonly runtime: string;
  /** Makes a data path of the file one that is relative to the module. */
  readonly relocate: (path: string) => string;
  /** What a trained network brings. */
  readonly trained: TrainedNetwork | null;
}

export interface TrainedNetwork {
  /** The folder of the run, for the comment. */
  readonly run: string;
  readonly codes: unknown;
  readonly known: KnownCells;
  /** Names of the weights with how many numbers each has, and all numbers in base64. */
  readonly names: readonly (readonly [string, number])[];
  readonly base64: string;
}

const moduleNames = [
  "Inputs",
  "Answers",
  "Network",
  "Weights",
  "Learning",
  "data",
  "tasks",
  "reach",
  "phases",
  "startWeights",
  "startLearning",
  "createNetwork",
  "heads",
  "losses",
  "meanLoss",
  "meanLosses",
  "sumOfLosses",
  "train",
  "evaluate",
  "predict",
  "save",
  "load",
  "trained",
  "known",
  "trainedCodes",
  "weightSizes",
  "weightNumbers",
  "stopGradient",
  "scaleGradient",
];

export function emitTypeScript(model: Model, registry: Registry, options: EmitOptions): ModuleDescription {
  if (model.data.length !== 1) throw new Unsupported("several data sections");
  const names = new Names(moduleNames);
  const tasks = learntTasks(model);
  const sized = sizedModels(model);
  const sites = sitesOf(model, registry, sized);
  const taskKind = (name: string): string => {
    const task = model.tasks.find((each) => each.name === name);
    if (!task) throw new Error(`there is no task ${name}`);
    return task.kind.word;
  };
  const weights = writeWeights(model, registry, sized, names);
  const layers = layerFunctions([...sites.values()], { names, taskKind, tree: weights.tree });
  const frozen = new Set(model.phases.flatMap(({ freeze }) => freeze));
  const declared = declarationFunctions({
    model,
    sites,
    layers,
    tree: weights.tree,
    names,
    valueName: valueNames(model),
    taskKind,
    frozen,
  });
  const network = writeNetwork(model, declared, sites, sized, names);
  const losses = writeLosses(model.tasks, registry, sized, names);
  const training = writeTraining({
    model,
    registry,
    names,
    tasks,
    wants: { layers: network.takesTraining, losses: losses.readsTraining },
    penalty: null,
  });
  const known = options.trained?.known ?? { categories: {}, labels: {} };
  const own = new Set([...layers.own, ...losses.own]);
  const used = new Set(
    callsOf([
      ...declared.map(({ description }) => description),
      ...layers.functions.map(({ description }) => description),
    ]),
  );
  const items: Item[] = [
    { kind: "import", namespace: "tf", from: "@tensorflow/tfjs" },
    { kind: "import", namespace: "mtlc", from: options.runtime },
    inputsInterface(model, known),
    answersInterface(model, known),
    {
      kind: "const",
      name: "data",
      doc: "What is read, and where it is read from.",
      value: `${dataCode(model, registry, options.relocate)} satisfies mtlc.DataDescription`,
    },
    {
      kind: "const",
      name: "tasks",
      doc: tasks.length === model.tasks.length ? undefined : "Tasks that have a loss.",
      value: `${literalCode(tasks.map(({ name }) => name))} as const`,
    },
    {
      kind: "const",
      name: "reach",
      doc: "Whose losses reach the weights of each declaration.",
      value: reachCode(model, registry, sized, weights.tree),
    },
    ...weightItems(weights),
    ...layers.functions.filter(({ description }) => used.has(description.name)).map(({ description }) => description),
    ...ownFunctions(own),
    ...declared.map(({ description }) => description),
    network.description,
    ...losses.functions,
    ...lossItems(losses),
    ...training.rules,
    ...(training.phases ? [training.phases] : []),
    training.learning,
    { kind: "type", name: "Learning", type: "ReturnType<typeof startLearning>" },
    ...training.steps,
    training.train,
    ...useItems(losses.readsTraining, options.trained !== null),
    ...trainedItems(options.trained),
  ];
  return { header: headerOf(model, options), items };
}

function headerOf(model: Model, { version, hash, file, trained }: EmitOptions): string {
  const from = trained ? `${trained.run}, trained from ${file}` : file;
  return [
    ...(model.doc ? [model.doc, ""] : []),
    `Generated by mtlc ${version} from ${from} (IR ${hash}): change that file, not this one, and compile it again.`,
    "For any backend of TensorFlow.js: npm install mtlc @tensorflow/tfjs",
  ].join("\n");
}

/** What a value is called where another declaration reads it. */
function valueNames(model: Model): (value: string) => string {
  const known = new Map([
    ...model.inputs.map(({ name }) => [name, name] as const),
    ...model.tasks.flatMap(({ name, head }) => (head === null ? [] : [[head, name] as const])),
    ...model.shared.map(({ name, value }) => [value, name] as const),
  ]);
  return (value) => {
    const name = known.get(value);
    if (name === undefined) throw new Error(`the value ${value} has no name`);
    return name;
  };
}

function weightItems({ code, functions, sizes }: ReturnType<typeof writeWeights>): Item[] {
  return [
    {
      kind: "function",
      name: "startWeights",
      doc: `The weights of the network and how they start${sizes.length === 0 ? "" : "; the data say how many codes and labels there are"}.`,
      parameters:
        sizes.length === 0
          ? []
          : [{ name: `{ ${sizes.join(", ")} }`, type: "mtlc.Sizes<keyof Inputs, keyof Answers>" }],
      returns: "",
      statements: [statement(`return ${code} as const;`)],
    },
    ...functions,
    { kind: "type", name: "Weights", type: "mtlc.Variables<ReturnType<typeof startWeights>>" },
    {
      kind: "interface",
      name: "Network",
      exported: true,
      members: [
        { name: "weights", type: "Weights" },
        { name: "codes", type: "mtlc.Codes", doc: "Labels, categories and scales that the training rows have taught." },
      ],
    },
    {
      kind: "function",
      name: "createNetwork",
      doc: "A network whose weights are at their start, or as they were saved.",
      parameters: [
        { name: "codes", type: "mtlc.Codes" },
        { name: "from", type: "mtlc.WeightSource" },
      ],
      returns: "Network",
      statements: [
        statement(
          `return { codes, weights: mtlc.createWeights(tf, startWeights(${sizes.length === 0 ? "" : "mtlc.sizesOf(codes)"}), from) };`,
        ),
      ],
    },
  ];
}

/** Functions that are no layer, and that layers or losses call. */
function ownFunctions(own: ReadonlySet<string>): FunctionDescription[] {
  const tensor = { name: "x", type: "tf.Tensor" };
  return [
    ...(own.has("stopGradient")
      ? [
          {
            kind: "function" as const,
            name: "stopGradient",
            doc: "The same values, through which no gradient flows.",
            parameters: [tensor],
            returns: "tf.Tensor",
            statements: [statement("return tf.customGrad(() => ({ value: x.clone(), gradFunc: () => [] }))();")],
          },
        ]
      : []),
    ...(own.has("scaleGradient")
      ? [
          {
            kind: "function" as const,
            name: "scaleGradient",
            doc: "The same values; the gradient is multiplied on its way back.",
            parameters: [tensor, { name: "factor", type: "number" }],
            returns: "tf.Tensor",
            statements: [
              statement(
                "return tf.customGrad(() => ({ value: x.clone(), gradFunc: (dy: tf.Tensor) => dy.mul(factor) }))(x);",
              ),
            ],
          },
        ]
      : []),
  ];
}

function lossItems({ tasks, hasSums, readsTraining }: ReturnType<typeof writeLosses>): FunctionDescription[] {
  const members = tasks.map(({ task, code }) => `${keyCode(task.name)}: ${code}`);
  const sums: FunctionDescription = {
    kind: "function",
    name: "sumOfLosses",
    doc: "Several losses of one task, each with its factor.",
    parameters: [{ name: "...terms", type: "[number, mtlc.Loss][]" }],
    returns: "mtlc.Loss",
    statements: [
      "const [[, { count }]] = terms;",
      "const means = terms.map(([factor, loss]) => meanLoss(loss).mul(factor));",
      "return { sum: tf.addN(means).mul(count), count };",
    ].map(statement),
  };
  const meanLoss: FunctionDescription = {
    kind: "function",
    name: "meanLoss",
    doc: "The mean over the answers that are there; 0 where there is none.",
    parameters: [{ name: "{ sum, count }", type: "mtlc.Loss" }],
    returns: "tf.Tensor",
    statements: [statement("return sum.div(count.maximum(1e-30));")],
  };
  return [
    {
      kind: "function",
      name: "losses",
      doc: "The loss of each task.",
      parameters: [
        { name: "prediction", type: "mtlc.Tensors<keyof Answers>" },
        { name: "targets", type: "Readonly<Record<keyof Answers, mtlc.Target>>" },
        ...(readsTraining ? [{ name: "training", type: "boolean" }] : []),
      ],
      returns: "",
      statements: [statement(`return { ${members.join(", ")} };`)],
    },
    ...(hasSums ? [sums, meanLoss] : []),
    {
      kind: "function",
      name: "meanLosses",
      doc: "The mean loss of each task, [tasks]; 0 where a batch has no answer.",
      parameters: [{ name: "each", type: "ReturnType<typeof losses>" }],
      returns: "tf.Tensor",
      statements: [
        statement(
          hasSums
            ? "return tf.stack(tasks.map((task) => meanLoss(each[task])));"
            : "return tf.stack(tasks.map((task) => each[task].sum.div(each[task].count.maximum(1e-30))));",
        ),
      ],
    },
  ];
}

/** What is done with a trained network; `trained` stands for one where the caller gives none. */
function useItems(readsTraining: boolean, isTrained: boolean): FunctionDescription[] {
  const network = { name: "network", type: "Network", ...(isTrained && { value: "trained()" }) };
  return [
    {
      kind: "function",
      name: "evaluate",
      doc: "Losses and metrics of every task on rows with answers.",
      exported: true,
      async: true,
      parameters: [{ name: "rows", type: "mtlc.Rows" }, network],
      returns: "Promise<mtlc.Evaluation>",
      statements: [
        `const results = await mtlc.overRows(tf, data, network.codes, rows, ({ inputs, targets }) => {
          const prediction = heads(inputs, network.weights);
          return { prediction, losses: losses(prediction, targets${readsTraining ? ", false" : ""}) };
        });`,
        "return results.evaluation();",
      ].map(statement),
    },
    {
      kind: "function",
      name: "predict",
      doc: "Answers examples.",
      exported: true,
      async: true,
      parameters: [{ name: "examples", type: "readonly Inputs[]" }, network],
      returns: "Promise<Answers[]>",
      statements: [
        "const rows = mtlc.encodeExamples(data, network.codes, examples);",
        `const results = await mtlc.overRows(tf, data, network.codes, rows, ({ inputs }) => ({ prediction: heads(inputs, network.weights) }));`,
        "return results.answers<Answers>();",
      ].map(statement),
    },
    {
      kind: "function",
      brief: true,
      name: "save",
      doc: "Writes weights and codes to a folder.",
      exported: true,
      parameters: [{ name: "folder", type: "string" }, network],
      returns: "Promise<void>",
      statements: [statement("return mtlc.saveNetwork(folder, network);")],
    },
    {
      kind: "function",
      name: "load",
      doc: "Reads what `save`, or a run of `mtlc train`, left in a folder.",
      exported: true,
      async: true,
      parameters: [{ name: "folder", type: "string" }],
      returns: "Promise<Network>",
      statements: [
        "const { codes, values } = await mtlc.readNetwork(folder);",
        "return createNetwork(codes, values);",
      ].map(statement),
    },
  ];
}

function trainedItems(trained: TrainedNetwork | null): Item[] {
  if (trained === null) return [];
  const statements = [
    "known ??= createNetwork(trainedCodes, mtlc.unpackWeights(weightSizes, weightNumbers));",
    "return known;",
  ];
  return [
    {
      kind: "function",
      name: "trained",
      doc: "The network as it was trained.",
      exported: true,
      parameters: [],
      returns: "Network",
      statements: statements.map(statement),
    },
    { kind: "const", isVariable: true, name: "known", type: "Network | undefined" },
    {
      kind: "const",
      name: "trainedCodes",
      doc: "What the training rows have taught.",
      type: "mtlc.Codes",
      value: literalCode(trained.codes),
    },
    {
      kind: "const",
      name: "weightSizes",
      doc: "How many numbers each weight has.",
      type: "readonly (readonly [string, number])[]",
      value: literalCode(trained.names),
    },
    {
      kind: "const",
      name: "weightNumbers",
      doc: "All weights in 32 bits, one after another, in base64.",
      value: JSON.stringify(trained.base64),
    },
  ];
}

/** Names of functions that are called. */
function callsOf(functions: readonly FunctionDescription[]): string[] {
  return functions.flatMap(({ statements }) =>
    statements.flatMap(({ code }) => [...code.matchAll(/(?<![.\w])([A-Za-z_]\w*)\(/g)].map(([, name]) => name)),
  );
}
