import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { lines, modelOf } from "./checked.ts";

const files: Readonly<Record<string, string>> = {
  "models/blocks.mtl": `layer stem = dense(8) -> relu
block wide(t, n: int) { return t -> dense(n) -> stem }
const small = 16`,
  "models/deep/inner.mtl": `import { wide } from "../blocks.mtl"
block deeper(t) { return t -> wide(4) }`,
  "models/model.mtl": "model Other\ninput x: f32",
  "models/a.mtl": `import { b } from "./b.mtl"\nblock a(t) { return t -> b }`,
  "models/b.mtl": `import { a } from "./a.mtl"\nblock b(t) { return t -> a }`,
  "models/broken.mtl": "block torn(t) { return t -> dens(4) }",
};

/** Reads from the little folder above, as a file system would. */
function read(path: string, from: string): string | null {
  const url = new URL(path, `file:///${from}`);
  return files[url.pathname.slice(1)] ?? null;
}

function check(imports: string, rest = "shared a = x -> dense(4)") {
  const text = `${imports}
model Main
input x: f32[8]
${rest}
task y: real { head: a -> dense }
train { epochs: 3 }
data { train: csv("rows.csv") }`;
  return compile(text, { file: "models/main.mtl", read });
}

const said = (imports: string, rest?: string) =>
  check(imports, rest).diagnostics.map(
    ({ code, message, span }) => `${span?.file.replace("models/", "")} ${code} ${message}`,
  );

describe("many imports", () => {
  /** `f0` imports `k1` of `f1`, which is `k2` of `f2` … and `last` declares it, or imports in turn. */
  const chain = (length: number, last: string) => {
    const next = (k: number): string => `import { k${k + 1} } from "./f${k + 1}.mtl"\nconst k${k} = k${k + 1}`;
    const read = (path: string): string => {
      const k = Number(/\d+/.exec(path)?.[0]);
      return k === length ? last : next(k);
    };
    const { diagnostics } = compile(next(0), { file: "f0.mtl", read });
    return diagnostics.map(({ code, message, span }) => `${span?.file} ${code} ${message}`);
  };

  it("in a row are read up to a hundred, and one more is told, once, where it stands", () => {
    expect(chain(100, "const k100 = 3")).toEqual([]);
    const told = "f100.mtl MTL6007 ./f101.mtl would be imported through more than 100 files, one by another";
    expect(chain(101, "const k101 = 3")).toEqual([told]);
    expect(chain(10_000, "const k10000 = 3")).toEqual([told]);
  });

  it("in a circle are told, once, where it closes", () => {
    const closing = 'import { k0 } from "./f0.mtl"\nconst k90 = k0';
    expect(chain(90, closing)).toEqual(["f90.mtl MTL6002 ./f0.mtl imports this file in turn"]);
  });

  it("side by side are as many as a file likes", () => {
    const all = Array.from({ length: 3000 }, (_, k) => `import { c${k} } from "./c${k}.mtl"`).join("\n");
    const read = (path: string): string => `const c${/\d+/.exec(path)?.[0]} = 3`;
    expect(compile(all, { file: "all.mtl", read }).diagnostics).toEqual([]);
  });
});

describe("imports", () => {
  it("bring blocks, layers and constants, through files that import in turn", () => {
    const { model, diagnostics, trees } = check(
      'import { deeper } from "./deep/inner.mtl"\nimport { small, stem } from "./blocks.mtl"',
      "shared a = x -> deeper -> dense(small) -> dense(4) -> stem",
    );
    expect(diagnostics).toEqual([]);
    expect([...trees.keys()]).toEqual(["models/main.mtl", "models/deep/inner.mtl", "models/blocks.mtl"]);
    expect(lines(model?.instructions ?? []).slice(0, 3)).toEqual([
      "a.1 = dense(x) a.deeper_1.wide_1.dense_1 [_, 4]",
      "a.2 = dense(a.1) stem.dense_1 [_, 8]",
      "a.3 = relu(a.2) stem.relu_1 [_, 8]",
    ]);
  });

  it("keep a library's own layer apart from the model's of the same name", () => {
    const { model } = check(
      'import { wide } from "./blocks.mtl"',
      "layer stem = dense(3)\nshared a = x -> wide(4) -> stem",
    );
    expect(lines(model?.instructions ?? []).map((line) => line.split(" ")[3])).toEqual([
      "a.wide_1.dense_1",
      "blocks.stem.dense_1",
      "blocks.stem.relu_1",
      "stem.dense_1",
      "y.dense_1",
    ]);
  });

  it("say what is wrong with a path", () => {
    expect(
      said(`import { p } from "./nowhere.mtl"
import { q } from "../../outside.mtl"
import { r } from "blocks.mtl"
import { s } from "./model.mtl"`),
    ).toEqual([
      "main.mtl MTL6001 there is no file ./nowhere.mtl",
      "main.mtl MTL6003 ../../outside.mtl lies outside the folder of the model",
      'main.mtl MTL6006 "blocks.mtl" is not a relative path',
      "main.mtl MTL6005 ./model.mtl holds a model and cannot be imported",
    ]);
  });

  it("say which name was meant, once", () => {
    expect(said('import { wyde } from "./blocks.mtl"', "shared a = x -> wyde(4)")).toEqual([
      "main.mtl MTL6004 ./blocks.mtl has no `wyde`",
    ]);
    expect(said('import { wyde } from "./blocks.mtl"', "shared a = x -> wide(4)")).toEqual([
      "main.mtl MTL6004 ./blocks.mtl has no `wyde`",
    ]);
  });

  it("find cycles", () => {
    expect(said('import { a as_b } from "./a.mtl"'.replace(" as_b", ""), "shared c = x -> a\nshared a2 = c")).toContain(
      "b.mtl MTL6002 ./a.mtl imports this file in turn",
    );
  });

  it("report the mistakes of an imported file at its own text", () => {
    expect(said('import { torn } from "./broken.mtl"', "shared a = x -> torn")).toEqual([
      "broken.mtl MTL2002 there is no layer `dens`",
    ]);
  });

  it("warn where nothing of them is used", () => {
    expect(said('import { wide, small } from "./blocks.mtl"', "shared a = x -> wide(4)")).toEqual([
      "main.mtl MTL2009 constant `small` is never used",
    ]);
  });

  it("need no reader where there are none", () => {
    expect(
      modelOf(`model Main\ninput x: f32[8]\ntask y: real { head: x -> dense }\ndata { train: csv("rows.csv") }`).name,
    ).toBe("Main");
  });
});
