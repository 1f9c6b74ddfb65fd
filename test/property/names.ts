import { words } from "./cells.ts";
import type { Draw } from "./draw.ts";

/** Names that mean something elsewhere: to JavaScript, TypeScript, Python, generated modules, weights and the language itself. */
export const odd: readonly string[] = [
  ..."await break case class const default delete enum export function import in interface let new null return static".split(
    " ",
  ),
  ..."super switch this typeof undefined var void while with yield async arguments eval of type as any number".split(
    " ",
  ),
  ..."NaN Infinity Math Number Object Array Map Set Promise Error Symbol URL Float32Array globalThis process".split(
    " ",
  ),
  ..."lambda None True False def pass not and or is del global self elif except finally from raise print".split(" "),
  ..."weights training codes tf mtlc heads losses predict train evaluate save load tasks data phases reach network".split(
    " ",
  ),
  ..."Inputs Answers Network Weights Learning startWeights createNetwork readRows meanLoss stopGradient known trained".split(
    " ",
  ),
  ..."inputs targets prediction batch step rate rows seed options result learning draw mask x y z kernel bias table".split(
    " ",
  ),
  ..."Optimizer Balance kernelWeights denseWeights batchesOf schedule copies layers zeros statistic runtimeKernel".split(
    " ",
  ),
  ..."trunk_1 dropout_1 dense_1 dense_2 mse adam lstm residual words_mask wordsMask task_head taskHead".split(" "),
  ..."model input shared layer block task penalty label output from target only parameter state feed then toJSON".split(
    " ",
  ),
  ..."Trunk trunk TRUNK trunk1 trunk_1_1 sharedTrunk foo_bar fooBar FooBar foo__bar foo_ _foo _ __ é_2 名前 x²".split(
    " ",
  ),
  ..."length name prototype size shape sum count loss metrics epochs lost present factors row index part".split(" "),
];

/** What every object of JavaScript has. */
export const inherited: readonly string[] = Object.getOwnPropertyNames(Object.prototype);

export interface Named {
  readonly text: string;
  /** The column that each input comes from. */
  readonly from: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** A program that trains in a moment, all of whose names are odd, with its rows. */
export function programOfNames(draw: Draw): Named {
  const inheritedNames = inherited.filter((each) => each !== "__proto__");
  // From its end: every program has some of both.
  const left = [...draw.shuffled(odd), ...draw.shuffled([...draw.some(inheritedNames, 6), ...draw.some(odd, 6)])];
  const used = new Set<string>();
  const name = (): string => {
    const taken = left.pop();
    if (taken === undefined) throw new Error("all names are taken");
    if (used.has(taken)) return name();
    used.add(taken);
    return taken;
  };
  const columns = draw.shuffled([...inherited, ...odd]);
  const column = (): string => columns.pop() ?? "";
  const cells = draw.some([...inherited, ...odd], 3);
  const [number, code, text, size, shared, further, layer, block, penalty] = Array.from({ length: 9 }, name);
  const [kind, flag, real, level, marks, group] = Array.from({ length: 6 }, name);
  const from = {
    number: column(),
    code: column(),
    kind: column(),
    marks: [column(), column()],
    group: [column(), column()],
  };
  const quoted = (list: readonly string[]): string => `[${list.map((each) => JSON.stringify(each)).join(", ")}]`;
  return {
    from: Object.fromEntries([
      [number, from.number],
      [code, from.code],
      [text, "some words"],
    ]),
    text: `model ${draw.pick(odd.filter((each) => /^\w+$/.test(each)))}
const ${size} = 3
input ${number}: f32 { from: ${JSON.stringify(from.number)}, scale: standard }
input ${code}: category { from: ${JSON.stringify(from.code)} }
input ${text}: tokens(4) { from: "some words" }
layer ${layer} = dense(${size}) -> tanh
block ${block}(${number}) { return ${number} -> dense(${size}) -> ${layer} -> dropout(0.2) }
shared ${shared} = concat(${number}, ${code} -> embed(2), ${text} -> embed(2) -> mean_pool) -> dense(${size}) -> ${layer} -> ${block}
shared ${further} = ${shared} -> dense(${size}) -> relu -> ${block} -> dropout(0.1)
task ${kind}: class { head: ${further} -> dense, target: ${JSON.stringify(from.kind)} }
task ${flag}: flag { head: concat(${shared}, ${kind}.prediction) -> dense, target: "is it" }
task ${real}: real { head: ${further} -> ${layer} -> dense, target: "how much", scale: standard }
task ${level}: ordinal(3) { head: ${further} -> dense, target: "level of it" }
task ${marks}: flags(2) { head: ${shared} -> dense, target: ${quoted(from.marks)} }
task ${group}: flag { head: ${shared} -> dense, target: each(${quoted(from.group)}) }
penalty ${penalty} = 0.01 * mean(square(${further}))
train ${name()} { epochs: 1, batch: 6, optimizer: adam(rate: 1e-2), balance: uncertainty }
train ${name()} { epochs: 1, batch: 6, freeze: [${shared}], rates: { ${further}: 0.5, ${flag}: 2 } }
data { train: jsonl("rows.jsonl") }
`,
    rows: Array.from({ length: 12 }, (_, index) =>
      Object.fromEntries([
        [from.number, index % 5],
        [from.code, cells[index % 3]],
        ["some words", [draw.pick(words), draw.pick(cells)]],
        [from.kind, cells[(index + 1) % 3]],
        ["is it", index % 2 === 0],
        ["how much", index / 2],
        ["level of it", index % 3],
        ...[...from.marks, ...from.group].map((each, k): [string, unknown] => [each, (index + k) % 2 === 0]),
      ]),
    ),
  };
}
