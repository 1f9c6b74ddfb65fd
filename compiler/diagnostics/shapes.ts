import { diagnostic } from "./diagnostic.ts";

/** Mistakes with operands and shapes: MTL4xxx. */
export const shapes = {
  operandCount: diagnostic<{ layer: string; wants: string; has: string }>({
    code: "MTL4001",
    name: "operand-count",
    severity: "error",
    message: ({ layer, wants, has }) => `${layer} takes ${wants}, and here ${has}`,
    why: "Tensors and chains are a layer's operands: they stand first, in order. What an arrow brings is the first tensor.",
    bad: `shared trunk = x -> relu(x)`,
    good: `shared trunk = x -> relu`,
    wrap: "model",
  }),
  shapesDoNotMeet: diagnostic<Record<never, never>>({
    code: "MTL4002",
    name: "shapes-do-not-meet",
    severity: "error",
    message: () => "shapes do not meet",
    why: "Every layer says which shapes it takes; the batch axis, printed as `_`, is implied. The message shows what is given on both ends. Axes made by `tokens` match by name only: two of equal length are still different texts.",
    bad: `shared trunk = x -> conv2d(8, kernel: 3)`,
    good: `shared trunk = image -> conv2d(8, kernel: 3)`,
    wrap: "model",
  }),
  headWidth: diagnostic<{ task: string; kind: string; wants: string; has: string }>({
    code: "MTL4003",
    name: "head-does-not-fit-kind",
    severity: "error",
    message: ({ task, kind, wants, has }) => `task ${task} is ${kind}: its head must give ${wants}, and gives ${has}`,
    why: "A head gives one number a class, a flag or an output: `class(10)` ten logits, `ordinal(5)` four, `real[4]` four values, `class(17)[words]` seventeen for every word. The last `dense` of a head finds its width by itself when it is left out.",
    bad: `task digit: class(10) { head: x -> dense(9) }`,
    good: `task digit: class(10) { head: x -> dense }`,
    wrap: "model",
  }),
  divisionNotWhole: diagnostic<{ left: number; right: number }>({
    code: "MTL4004",
    name: "division-not-whole",
    severity: "error",
    message: ({ left, right }) => `${left} / ${right} does not come out whole, and a size must be a whole number`,
    why: "Sizes are whole numbers. A division is not rounded, since either way of rounding would surprise somebody.",
    bad: `const width = 10
shared trunk = x -> dense(width / 4)`,
    good: `const width = 12
shared trunk = x -> dense(width / 4)`,
    wrap: "model",
  }),
  needsParentheses: diagnostic<{ step: string }>({
    code: "MTL4005",
    name: "arrow-needs-parentheses",
    severity: "error",
    message: ({ step }) => `the step \`${step}\` is a sum, not a layer`,
    why: "`->` binds less than `+`, so `x -> dense(8) + y` gives x to the sum `dense(8) + y`, which is no layer. Parentheses say what is added to what.",
    bad: `shared trunk = x -> dense(8) + x -> relu`,
    good: `shared trunk = (x -> dense(8)) + x -> relu`,
    wrap: "model",
  }),
  weightsDoNotFit: diagnostic<{ layer: string; now: string; before: string }>({
    code: "MTL4006",
    name: "weights-do-not-fit",
    severity: "error",
    message: ({ layer, now, before }) => `layer \`${layer}\` has weights for ${before}, and here gets ${now}`,
    why: "A `layer` has one set of weights wherever it is used, so every use must bring the same size. A `block` has fresh weights in each use and may be used on any.",
    bad: `layer project = dense(16)
shared one = x -> project
shared two = one -> project`,
    good: `block project(t) { return t -> dense(16) }
shared one = x -> project
shared two = one -> project`,
    wrap: "model",
  }),
  operandAfterSetting: diagnostic<{ layer: string }>({
    code: "MTL4007",
    name: "operand-after-setting",
    severity: "error",
    message: ({ layer }) => `tensors stand before the settings of ${layer}`,
    why: "In a call, tensors and chains come first, in order; then settings, of which the first may stand without its name.",
    bad: `shared trunk = dense(16, x)`,
    good: `shared trunk = dense(x, 16)`,
    wrap: "model",
  }),
  noWidth: diagnostic<Record<never, never>>({
    code: "MTL4008",
    name: "dense-without-width",
    severity: "error",
    message: () => "this `dense` needs its width",
    why: "Only the last `dense` of a head may leave its width out: it takes it from the task's kind. Any other must say it.",
    bad: `shared trunk = x -> dense -> relu`,
    good: `shared trunk = x -> dense(16) -> relu`,
    wrap: "model",
  }),
  penaltyNotScalar: diagnostic<{ name: string; shape: string }>({
    code: "MTL4009",
    name: "penalty-is-no-number",
    severity: "error",
    message: ({ name, shape }) => `penalty ${name} must be one number, and is ${shape}`,
    why: "A penalty is added to the total loss, so it is one number for the batch or one for each row. `mean` and `sum` reduce every axis but the batch.",
    bad: `shared trunk = x -> dense(16)
penalty small = 0.01 * square(trunk)`,
    good: `shared trunk = x -> dense(16)
penalty small = 0.01 * mean(square(trunk))`,
    wrap: "model",
  }),
  sizeTooLarge: diagnostic<{ what: string }>({
    code: "MTL4010",
    name: "too-large",
    severity: "error",
    message: ({ what }) => `${what} is more than any machine can hold`,
    why: "Sizes are checked before memory is taken: a tensor or parameter of more than 2^40 numbers, more than 10,000 copies of a chain or layers of a `transformer`, or more than 30,000 layers in all are most likely a slip of the finger.",
    bad: `shared trunk = x -> dense(9_000_000_000_000) -> dense(4)`,
    good: `shared trunk = x -> dense(9_000) -> dense(4)`,
    wrap: "model",
  }),
  tensorsInList: diagnostic<{ layer: string }>({
    code: "MTL4011",
    name: "tensors-in-a-list",
    severity: "error",
    message: ({ layer }) => `\`${layer}\` takes its tensors one by one, not in a list`,
    why: "Tensors stand in a layer's parentheses one after another, parted by commas. Brackets hold lists of numbers, texts and words, which are settings.",
    bad: `input w: f32[4]
shared both = concat([x, w])
task z: real { head: both -> dense }`,
    good: `input w: f32[4]
shared both = concat(x, w)
task z: real { head: both -> dense }`,
    wrap: "model",
  }),
  channelsFirst: diagnostic<{ input: string; layer: string; height: number; width: number; channels: number }>({
    code: "MTL4012",
    name: "channels-first",
    severity: "warning",
    message: ({ input, layer, height, width, channels }) =>
      `\`${layer}\` reads \`${input}\` as ${channels} channels of ${height} by ${width}`,
    why: "Images are [height, width, channels] here: channels stand last. A picture of height 1 or 3 is most likely one whose channels were written first, as other libraries have it.",
    bad: `input image: f32[3, 32, 32]
task z: class(10) { head: image -> conv2d(8, kernel: 3) -> relu -> mean_pool -> dense }`,
    good: `input image: f32[32, 32, 3]
task z: class(10) { head: image -> conv2d(8, kernel: 3) -> relu -> mean_pool -> dense }`,
    wrap: "model",
  }),
  batchAxis: diagnostic<{ kind: string }>({
    code: "MTL4013",
    name: "batch-axis",
    severity: "error",
    message: ({ kind }) => `the batch is no axis of \`${kind}\``,
    why: "Kinds and layers speak of one example. The batch comes before all axes that are written, and how many rows it has is said by `batch` of the train section.",
    bad: `input y: f32[None, 11]
task z: real { head: y -> dense }`,
    good: `input y: f32[11]
task z: real { head: y -> dense }`,
    wrap: "model",
  }),
} as const;
