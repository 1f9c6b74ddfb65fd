import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeSources } from "../../runtime/run/writing.ts";

const paths = [
  ...["../x.mtl", "up/x.mtl", "X.mtl", "x.mtl", "up", "2/up/x.mtl", "a..b.mtl", "aupb.mtl", "../../x.mtl"],
  ...["up/../y.mtl", "e\u0301.mtl", "\u00e9.mtl"],
];

test("a run holds a text for each import, whatever their paths are", () => {
  const folder = mkdtempSync(join(tmpdir(), "mtlc-imports-"));
  const { imports, texts } = writeSources(folder, "model Birds", new Map(paths.map((path) => [path, `// ${path}`])));
  const read = paths.map((path) => readFileSync(join(folder, imports[path]), "utf8"));
  expect(read).toEqual(paths.map((path) => `// ${path}`));
  const places = Object.values(imports);
  expect(places.slice(0, 2)).toEqual(["imports/up/x.mtl", "imports/2/up/x.mtl"]);
  // On a disk that ignores case, or how a letter is put together, they are as many.
  expect(new Set(places.map((place) => place.normalize().toLowerCase())).size).toBe(paths.length);
  expect(Object.keys(texts)).toEqual(["model.mtl", ...places]);
});
