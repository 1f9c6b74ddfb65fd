import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { load } from "../../src/index.ts";
import { openSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { renderDiagnostics } from "../../src/render/diagnostics.ts";
import { folderOf } from "../runtime/small-training.ts";

/** A run keeps the text that it was trained with; what is said of it shows that text. */

const text = `import { tail } from "./lib/blocks.mtl"
model Places
input a: f32
task y: real { head: a -> tail }
train { epochs: 1 }
data { train: csv("rows.csv") }
`;

describe("a message about a run whose file has changed since", () => {
  it("shows the run's own text, and the run still finds what that imports", async () => {
    const folder = folderOf({ "places.mtl": text, "rows.csv": "a,y\n1,2\n2,3\n" });
    mkdirSync(join(folder, "lib"));
    writeFileSync(
      join(folder, "lib", "blocks.mtl"),
      `import { out } from "./more.mtl"\nblock tail(x) { return x -> out }\n`,
    );
    writeFileSync(join(folder, "lib", "more.mtl"), "block out(x) { return x -> dense(1) -> sum }\n");
    const run = join(folder, "run");
    await runTraining(openSource(join(folder, "places.mtl")), { run });
    writeFileSync(join(folder, "places.mtl"), `// one\n// two\n// three\n${text}`);
    writeFileSync(join(folder, "lib", "blocks.mtl"), "// gone\n");
    const network = await load(run);
    try {
      const problem = await network.predict([{ a: "seven" }]).catch((error: unknown) => error);
      if (!(problem instanceof DiagnosticError)) throw new Error("a bad cell was taken");
      const shown = renderDiagnostics(problem.diagnostics, "pretty").split("\n");
      expect(shown[1]).toBe(`  --> ${join(run, "model.mtl")}:3:7`);
      expect(shown[3]).toBe(" 3 | input a: f32");
      expect(readFileSync(join(run, "model.mtl"), "utf8")).toBe(text);
    } finally {
      await network.close();
    }
  });
});
