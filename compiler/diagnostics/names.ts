import { diagnostic } from "./diagnostic.ts";

/** Mistakes with names and declarations: MTL2xxx. */
/** What is said of a form of other languages. */
const foreignForms = {
  applied: "a layer is applied by `->`",
  sequence: "layers follow one another by `->`",
  module: "a word of the language stands without a module",
  keywords: "settings are written with a colon",
} as const;

export const names = {
  unknownName: diagnostic<{ name: string }>({
    code: "MTL2001",
    name: "unknown-name",
    severity: "error",
    message: ({ name }) => `there is no \`${name}\` here`,
    why: "A tensor, constant, layer or block is used by the name of its declaration. Nothing above declares this one.",
    bad: `shared trunk = x -> dense(16) -> relu
shared top = trnk -> dense(8)`,
    good: `shared trunk = x -> dense(16) -> relu
shared top = trunk -> dense(8)`,
    wrap: "model",
  }),
  unknownLayer: diagnostic<{ name: string }>({
    code: "MTL2002",
    name: "unknown-layer",
    severity: "error",
    message: ({ name }) => `there is no layer \`${name}\``,
    why: "A step of a pipeline is a layer of the language, or a layer, block or chain of this file. `mtlc explain layers` lists the language's own.",
    bad: `shared trunk = x -> Linear(16) -> relu`,
    good: `shared trunk = x -> dense(16) -> relu`,
    wrap: "model",
  }),
  usedBeforeDeclared: diagnostic<{ name: string; itself: boolean }>({
    code: "MTL2003",
    name: "used-before-declared",
    severity: "error",
    message: ({ name, itself }) => `\`${name}\` ${itself ? "cannot use itself" : "is declared further down"}`,
    why: "A file is read from top to bottom, so the order of the text is the order of the computation and no cycle can arise. A declaration uses only what stands above it.",
    bad: `shared top = trunk -> dense(8)
shared trunk = x -> dense(16) -> relu`,
    good: `shared trunk = x -> dense(16) -> relu
shared top = trunk -> dense(8)`,
    wrap: "model",
  }),
  declaredTwice: diagnostic<{ name: string }>({
    code: "MTL2004",
    name: "declared-twice",
    severity: "error",
    message: ({ name }) => `\`${name}\` is declared twice`,
    why: "Inputs, constants, layers, blocks, shared tensors, tasks and penalties share one set of names, so that a name means one thing in a whole file. Train and data sections have a set of their own.",
    bad: `shared trunk = x -> dense(16) -> relu
shared trunk = x -> dense(8) -> relu`,
    good: `shared trunk = x -> dense(16) -> relu
shared narrow = trunk -> dense(8) -> relu`,
    wrap: "model",
  }),
  notALayer: diagnostic<{ name: string; what: string }>({
    code: "MTL2005",
    name: "not-a-layer",
    severity: "error",
    message: ({ name, what }) => `\`${name}\` is ${what}, not a layer`,
    why: "What stands behind an arrow, or before parentheses, is applied to tensors: a layer, a block or a chain. A tensor, a number or a task cannot be applied.",
    bad: `shared trunk = x -> dense(16) -> relu
shared top = x -> trunk`,
    good: `shared trunk = x -> dense(16) -> relu
shared top = trunk -> dense(8)`,
    wrap: "model",
  }),
  notATensor: diagnostic<{ name: string; what: string }>({
    code: "MTL2006",
    name: "not-a-tensor",
    severity: "error",
    message: ({ name, what }) => `${name} is ${what}, and a tensor is needed here`,
    why: "A chain computes nothing until a tensor is fed to it with `->` or in parentheses. A task's own tensor is called by what it is: `heating.output` (logits or values) or `heating.prediction` (probabilities, or values in the units of the target).",
    bad: `shared trunk = x -> dense(16) -> relu
shared both = concat(trunk, dense(8))`,
    good: `shared trunk = x -> dense(16) -> relu
shared both = concat(trunk, x -> dense(8))`,
    wrap: "model",
  }),
  notAChain: diagnostic<{ what: string }>({
    code: "MTL2007",
    name: "not-a-chain",
    severity: "error",
    message: ({ what }) => `${what} is needed here, not yet fed with a tensor`,
    why: "`layer` names a chain with one set of weights, and layers such as `residual` apply a chain themselves. A chain begins with a layer: `dense(64) -> relu`. What is computed from a tensor is declared with `shared`.",
    bad: `layer project = x -> dense(16)`,
    good: `layer project = dense(16)
shared trunk = x -> project -> relu`,
    wrap: "model",
  }),
  hidesLayer: diagnostic<{ name: string }>({
    code: "MTL2008",
    name: "name-hides-layer",
    severity: "error",
    message: ({ name }) => `\`${name}\` is also a layer that this file uses`,
    why: "A name of the file wins over a built-in layer of the same name. Where a file has both, a reader could not tell which is meant: give the declaration another name.",
    bad: `shared flatten = x -> dense(16) -> relu
shared both = concat(flatten, image -> flatten)`,
    good: `shared trunk = x -> dense(16) -> relu
shared both = concat(trunk, image -> flatten)`,
    wrap: "model",
  }),
  unusedName: diagnostic<{ name: string; what: string }>({
    code: "MTL2009",
    name: "unused-name",
    severity: "warning",
    message: ({ name, what }) => `${what} \`${name}\` is never used`,
    why: "Nothing that a task or penalty is computed from reads it. It costs nothing and says nothing: use it or take it out. The names of a file without a model are there to be imported and are not reported.",
    bad: `const width = 16
shared trunk = x -> dense(8) -> relu`,
    good: `const width = 16
shared trunk = x -> dense(width) -> relu`,
    wrap: "model",
  }),
  unknownMember: diagnostic<{ object: string; member: string }>({
    code: "MTL2010",
    name: "unknown-member",
    severity: "error",
    message: ({ object, member }) => `${object} has no \`${member}\``,
    why: 'A task has two tensors: `.output`, what its head gives (logits, values, log rates), and `.prediction`, what that means (probabilities, values in the units of the target). A task made by `each` has one of both for every column: `assay."NR-AR".output`. Nothing else has members.',
    bad: `task first: real { head: x -> dense(1) }
task second: real { head: concat(x, first.value) -> dense }`,
    good: `task first: real { head: x -> dense(1) }
task second: real { head: concat(x, first.output) -> dense }`,
    wrap: "model",
  }),
  unknownDeclaration: diagnostic<{ word: string }>({
    code: "MTL2011",
    name: "unknown-declaration",
    severity: "error",
    message: ({ word }) => `\`${word}\` opens no declaration`,
    why: "A file is made of `import`, `model`, `const`, `input`, `layer`, `block`, `shared`, `task`, `penalty`, `train` and `data`.",
    bad: `shard trunk = x -> dense(16) -> relu`,
    good: `shared trunk = x -> dense(16) -> relu`,
    wrap: "model",
  }),
  noModel: diagnostic<{ what: string }>({
    code: "MTL2012",
    name: "no-model",
    severity: "error",
    message: ({ what }) => `${what} belongs to a model, and this file declares none`,
    why: "A file without `model` is a library of blocks, layers and constants for others to import. Inputs, shared tensors, tasks, penalties, training and data belong to a model.",
    bad: `block wide(x) { return x -> dense(64) }
input x: f32[8]`,
    good: `block wide(x) { return x -> dense(64) }`,
    wrap: "file",
  }),
  secondModel: diagnostic<{ name: string }>({
    code: "MTL2013",
    name: "second-model",
    severity: "error",
    message: ({ name }) => `${name === "" ? "this" : `\`${name}\``} is the second model of this file`,
    why: "A file describes one model. What two models share goes into a library file that both import.",
    bad: `model First
model Second
shared trunk = x -> dense(8)`,
    good: `model First
shared trunk = x -> dense(8)`,
    wrap: "model",
  }),
  modelLacks: diagnostic<{ name: string; parts: readonly string[] }>({
    code: "MTL2014",
    name: "model-lacks-part",
    severity: "error",
    message: ({ name, parts }) => `model \`${name}\` has no ${parts.join(", no ")}`,
    why: "A model needs something to look at (an `input`), something to predict (a `task`) and rows to learn from (a `data` section). A `train` section may be left out.",
    bad: `model Empty
train { epochs: 3 }
data { train: csv("rows.csv") }`,
    good: `model Complete
input x: f32
task y: real { head: x -> dense }
train { epochs: 3 }
data { train: csv("rows.csv") }`,
    wrap: "file",
  }),
  noArithmetic: diagnostic<{ problem: string }>({
    code: "MTL2015",
    name: "not-a-constant",
    severity: "error",
    message: ({ problem }) => problem,
    why: "A constant is a number, a string, true or false, a list or a word, made of other constants with + - * /. It is known before any data are read, so nothing computed from an input can be part of it.",
    bad: `const width = x
shared trunk = x -> dense(8)`,
    good: `const width = 8
shared trunk = x -> dense(width)`,
    wrap: "model",
  }),
  unknownKind: diagnostic<{ name: string; where: string }>({
    code: "MTL2016",
    name: "unknown-block-kind",
    severity: "error",
    message: ({ name, where }) => `there is no kind \`${name}\` for ${where}`,
    why: "Inside a block tensors come first, without a kind; then settings with one of `int`, `number`, `bool`, `string`, `list` and `chain`.",
    bad: `block wide(x, width: integer) { return x -> dense(width) }
shared trunk = x -> wide(16)`,
    good: `block wide(x, width: int) { return x -> dense(width) }
shared trunk = x -> wide(16)`,
    wrap: "model",
  }),
  noName: diagnostic<{ name: string; why: string }>({
    code: "MTL2030",
    name: "no-name",
    severity: "error",
    message: ({ name, why }) => `\`${name}\` cannot be a name: ${why}`,
    why: "Nearly every word may be a name, that of a layer or a key included. `true` and `false` may not: they are values wherever they stand, so nothing could read the name. `__proto__` may not: what JavaScript keeps under it is no entry of a table. A column may be called so: `from` and `target` name it.",
    bad: `shared __proto__ = x -> dense(16) -> relu`,
    good: `shared prototype = x -> dense(16) -> relu`,
    wrap: "model",
  }),
  libraryFile: diagnostic<{ file: string; empty: boolean }>({
    code: "MTL2017",
    name: "library-file",
    severity: "error",
    message: ({ file, empty }) =>
      empty ? `\`${file}\` declares nothing` : `\`${file}\` is a library: it holds names for other files, and no model`,
    why: "A file without `model` only holds blocks, layers and constants for others to import. What is described, trained or compiled is a model, which says what its inputs, tasks and data are.",
    bad: "mtlc train blocks.mtl",
    good: "mtlc train omniglot.mtl",
    wrap: "run",
  }),
  foreignCall: diagnostic<{ form: "applied" | "sequence" | "module" | "keywords" }>({
    code: "MTL2018",
    name: "foreign-call",
    severity: "error",
    message: ({ form }) => foreignForms[form],
    why: "What an arrow brings is fed to the layer behind it, so a network reads in the order in which it computes: `x -> dense(32) -> relu`. Layers are words of the language and stand without a module; settings have a colon, and an activation is a step of its own.",
    bad: `shared trunk = relu(dense(16)(x))`,
    good: `shared trunk = x -> dense(16) -> relu`,
    wrap: "model",
  }),
} as const;
