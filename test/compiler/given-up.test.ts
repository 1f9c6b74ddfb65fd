import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";

/** What is given up has been reported: a task whose head means nothing is no smaller model. */

const file = (head: string): string => `model A
input x: f32
const c = 3
block b(y) { return y -> dense(c) -> relu }
task u: real { head: x -> b -> dense, target: "u" }
task g: real { head: x -> dense, target: each(["a b", "d"]) }
task y: real { head: ${head} -> dense, target: "nowhere" }
train { epochs: 1 }
data { train: csv("a.csv") }
`;

test.each([
  ["u.output.a.b", "a", "`u.output` has no `a`"],
  ["(u.output).prediction", "prediction", "`u.output` has no `prediction`"],
  ["u.a.b.c", "a", "task `u` has no `a`"],
  ['"text".a.b.c', "a", '`"text"` has no `a`'],
  ["x.a.b.c", "x", "`x`, an input, has no `a`"],
  ["c.a", "c", "`c`, a constant, has no `a`"],
  ["b.a.c", "b", "`b`, a block, has no `a`"],
  ["relu.output", "output", "`relu`, a layer, has no `output`"],
  ["zzz.a.b.c", "zzz", "there is no `zzz` here"],
  ["relu(x).a.b", "a", "`relu(x)` has no `a`"],
  ["[1, 2].a", "a", "`[1, 2]` has no `a`"],
  ['g."a b".output.z.y', "z", "`g.a b.output` has no `z`"],
  ["g.q.r.s", "q", "task `g` has no `q`"],
])("`%s` is a mistake at `%s`", (head, at, message) => {
  const text = file(head);
  const { model, diagnostics } = compile(text);
  expect(model).toBeNull();
  expect(diagnostics.map((each) => each.message)).toEqual([message]);
  const { span } = diagnostics[0];
  expect(span && text.slice(span.start, span.end)).toBe(at);
});

test("a member of a task in parentheses is that task's", () => {
  expect(compile(file("(u).output")).diagnostics).toEqual([]);
});

test("a name that no table can hold, or that is a value, is refused where it is declared", () => {
  const text = `model A
input __proto__: f32
const true = 3
block b(y, false: int = 2) { __proto__ = y -> dense(2) return __proto__ }
task y: real { head: __proto__ -> b -> dense }
train { epochs: 1 }
data { train: csv("a.csv", only: { __proto__: 1 }) }
`;
  const { diagnostics } = compile(text);
  const refused = diagnostics.filter(({ code }) => code === "MTL2030");
  expect(refused.map(({ message, span }) => [message, span?.start])).toEqual([
    ["`__proto__` cannot be a name: every object of JavaScript has something of that name", text.indexOf("__proto__")],
    ["`true` cannot be a name: it is a value", text.indexOf("true")],
    ["`false` cannot be a name: it is a value", text.indexOf("false")],
    [
      "`__proto__` cannot be a name: every object of JavaScript has something of that name",
      text.indexOf("__proto__ ="),
    ],
  ]);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual(refused);
});

test.each([
  ["const true = 3", "dense(true)"],
  ["const true = 3\nconst two = [true, 4]", "dense(2)"],
  ["layer true = dense(3)", "true -> relu"],
  ["block false(y) { return y -> relu }", "dense(2)\nshared other = false(h)"],
  ["shared true = x -> dense(2)", "dense(2)\nshared other = concat(true, h)"],
  ["task true: real { head: x -> dense }", "dense(2)\nshared other = concat(h, true.output)"],
])("what reads a name that was refused is not refused besides: %s", (declaration, step) => {
  const text = `model A
input x: f32
${declaration}
shared h = x -> ${step}
task y: real { head: h -> dense }
train { epochs: 1 }
data { train: csv("a.csv") }
`;
  const errors = compile(text).diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ code, span }) => [code, span?.start])).toEqual([["MTL2030", text.search(/true|false/)]]);
});

test("a slip beside a name that was refused is told as well", () => {
  const text = `model A
input x: f32
const true = 3
shared h = x -> dense(true) -> dens(4)
task y: real { head: h -> dense(false) }
train { epochs: 1 }
data { train: csv("a.csv") }
`;
  const errors = compile(text).diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ code }) => code)).toEqual(["MTL2030", "MTL2002", "MTL3004"]);
});

test("a column called `__proto__` keeps rows as any other does", () => {
  const { model } = compile(`model A
input x: f32
task y: real { head: x -> dense }
train { epochs: 1 }
data { train: csv("a.csv", only: { __proto__: 1, constructor: 2 }) }
`);
  const only = model?.data[0].train.settings.only;
  expect(Object.entries(only ?? {})).toEqual([
    ["__proto__", 1],
    ["constructor", 2],
  ]);
});

test("a task that has lost its name stands in no message by an empty one", () => {
  const text = `model A
input x: f32
task y: real { head: x -> dense, target: "b" }
task :  real
  head: x -> dense
  average: ema(0.99)
}
train { epochs: 1, stop: early(on: validation.z.mae) }
data { train: csv("a.csv"), validation: part(0.2, of: train) }
`;
  const said = compile(text).diagnostics.map(({ message, help }) => [message, help].join(" "));
  expect(said).toContainEqual(expect.stringMatching(/^the task without a name has no key `average`/));
  expect(said.filter((each) => each.includes("``"))).toEqual([]);
  // What is watched may be the nameless task.
  expect(said.filter((each) => each.includes("watched"))).toEqual([]);
});
