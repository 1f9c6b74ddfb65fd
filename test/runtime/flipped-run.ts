import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { printModel } from "../../compiler/ir/print.ts";
import { openSource } from "../../src/project/sources.ts";
import { readTrained } from "../../src/project/trained.ts";
import { runTraining } from "../../src/project/training.ts";

/** A small run of a model with an import, of which one bit after the other is turned round. */

const text = `import { tail } from "./tail.mtl"
model Birds
input x: f32[2] { from: ["a", "b"], scale: standard, fill: mean }
input island: category
shared trunk = concat(x, island -> embed(2)) -> dense(2) -> batch_norm -> tail
task kind: class { head: trunk -> dense }
task mass: real { head: trunk -> dense  scale: standard }
train { epochs: 1, batch: 6, balance: uncertainty }
data { train: csv("rows.csv"), validation: part(0.25, of: train) }
`;
const rows = Array.from({ length: 12 }, (_, k) => `${k / 3},${(k * k) % 7},${"ns"[k % 2]},${"efo"[k % 3]},${k}`);

export const flippedFiles = [
  "run.json",
  "codes.json",
  "model.mtl",
  "imports/tail.mtl",
  "model.safetensors",
  "state.safetensors",
] as const;

const known: ReadonlySet<string> = new Set(
  "schema model version seed set engine device threads file folder imports finished epochs steps seconds data texts".split(
    " ",
  ),
);

export class FlippedRun {
  readonly base = mkdtempSync(join(tmpdir(), "mtlc-flipped-"));
  readonly run = join(this.base, "run");
  readonly file = join(this.base, "birds.mtl");

  async make(): Promise<void> {
    writeFileSync(this.file, text);
    writeFileSync(join(this.base, "tail.mtl"), "block tail(x) { return x -> relu }\n");
    writeFileSync(join(this.base, "rows.csv"), `a,b,island,kind,mass\n${rows.join("\n")}\n`);
    await runTraining(openSource(this.file), { run: this.run, engine: { threads: 1 } });
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }

  /** All that a command takes from the folder; fields that nobody knows are left out. */
  read(): object {
    const { run, model, codes, weights } = readTrained(this.run);
    const { tensors, cursor } = run.state();
    const info: Readonly<Record<string, unknown>> = { ...run.info };
    return {
      info: Object.keys(info)
        .filter((key) => known.has(key))
        .map((key) => [key, info[key]]),
      model: printModel(model),
      codes: [codes.schema, codes.inputs, codes.tasks],
      weights: [...weights].map(([name, { shape, data }]) => [name, shape, [...data]]),
      state: [...tensors].map(([name, { shape, data }]) => [name, shape, [...data]]),
      cursor,
    };
  }

  bits(file: string): number {
    return 8 * readFileSync(join(this.run, file)).length;
  }

  /** Reads the run with one bit of a file turned round. What it then says; null where it is refused in the name of that file. */
  flipped(file: string, bit: number): object | null {
    const path = join(this.run, file);
    const whole = readFileSync(path);
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    writeFileSync(path, bytes);
    try {
      return this.read();
    } catch (error) {
      // Two files that do not go together are named both, and nobody can say which is the wrong one.
      if (error instanceof DiagnosticError && error.message.includes(this.run)) return null;
      throw new Error(`bit ${bit} of ${file}`, { cause: error });
    } finally {
      writeFileSync(path, whole);
    }
  }
}
