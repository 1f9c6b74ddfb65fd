import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { soundModel } from "../../src/project/sound-model.ts";
import { compileSource, openSource } from "../../src/project/sources.ts";

/** A model on disk reads its imports, and nothing outside its folder. */

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "mtlc-sources-"));
  mkdirSync(join(root, "project/parts"), { recursive: true });
  writeFileSync(join(root, "secret.mtl"), "const width = 4\n");
  writeFileSync(
    join(root, "project/parts/blocks.mtl"),
    `import { width } from "../sizes.mtl"\nconst twice = 2 * width\n`,
  );
  writeFileSync(join(root, "project/sizes.mtl"), "const width = 3\n");
  symlinkSync(join(root, "secret.mtl"), join(root, "project/link.mtl"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Messages of a model that takes `width` from a path. */
function importing(name: string, path: string): string[] {
  const file = join(root, "project/model.mtl");
  writeFileSync(
    file,
    `import { ${name} } from "${path}"
model M
input x: f32[2]
task y: real { head: x -> dense(${name}) -> dense }
train { epochs: 1 }
data { train: csv("rows.csv") }
`,
  );
  return compileSource(openSource(file)).diagnostics.map(({ code, message }) => `${code} ${message}`);
}

it("reads what lies below the model's folder, however files name each other", () => {
  expect(importing("twice", "./parts/blocks.mtl")).toEqual([]);
});

it("reads nothing outside, not by a path and not by a link", () => {
  expect(importing("width", "../secret.mtl")).toEqual(["MTL6003 ../secret.mtl lies outside the folder of the model"]);
  expect(importing("width", "./parts/../../secret.mtl").map((message) => message.slice(0, 7))).toEqual(["MTL6003"]);
  expect(importing("width", "./link.mtl").map((message) => message.slice(0, 7))).toEqual(["MTL6001"]);
  expect(importing("width", "./none.mtl").map((message) => message.slice(0, 7))).toEqual(["MTL6001"]);
});

it("says what is wrong with a file that is no program", () => {
  const opened = (name: string, content?: string | Buffer): string => {
    const path = join(root, name);
    if (content !== undefined) writeFileSync(path, content);
    try {
      openSource(path);
      return "opened";
    } catch (error) {
      return String(error).replaceAll(root, "…");
    }
  };
  expect(opened("none.mtl")).toBe("FileNotFound: there is no file …/none.mtl");
  expect(opened("project")).toBe("FileNotFound: …/project is a folder; a .mtl file is needed here");
  const wide = Buffer.from("\u{FEFF}model M", "utf16le");
  expect(opened("wide.mtl", wide)).toBe("DiagnosticError: MTL8002 …/wide.mtl cannot be read: it is UTF-16 text");
  const old = Buffer.from("// gro\xdf", "latin1");
  expect(opened("old.mtl", old)).toBe("DiagnosticError: MTL8002 …/old.mtl cannot be read: it is not UTF-8 text");
  expect(opened("marked.mtl", "\u{FEFF}model M")).toBe("opened");
});

it("says that a library, or nothing, is no model, whatever is set in it", () => {
  const said = (text: string, set: readonly string[] = []): string[] => {
    const path = join(root, "library.mtl");
    writeFileSync(path, text);
    try {
      soundModel(openSource(path, set));
      return [];
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      return error.diagnostics.map(({ code, message }) => `${code} ${message.replaceAll(root, "…")}`);
    }
  };
  const library = "MTL2017 `…/library.mtl` is a library: it holds names for other files, and no model";
  expect(said("const width = 3\n")).toEqual([library]);
  expect(said("const width = 3\n", ["train.steps=1"])).toEqual([library]);
  expect(said("// nothing yet\n")).toEqual(["MTL2017 `…/library.mtl` declares nothing"]);
});
