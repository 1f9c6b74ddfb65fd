import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { randomStream } from "../../compiler/random/index.ts";
import { openTrained } from "../../src/project/trained.ts";
import { runTraining } from "../../src/project/training.ts";
import { answersOf } from "../../runtime/train/answers.ts";
import { openSource } from "../../src/project/sources.ts";
import { tableOfRows } from "../../runtime/data/given-rows.ts";
import { mutated } from "./garbling.ts";

/** A run folder in which one file after the other is damaged. */

const text = `model Birds
input x: f32[2] { from: ["a", "b"], scale: standard, fill: mean }
input island: category
shared trunk = concat(x, island -> embed(2)) -> dense(4) -> batch_norm -> relu
task kind: class { head: trunk -> dense }
task mass: real { head: trunk -> dense  scale: standard }
train { epochs: 1, batch: 4 }
data { train: csv("rows.csv") }`;
const rows = Array.from(
  { length: 12 },
  (_, k) => `${k / 3},${(k * k) % 7},${["n", "s"][k % 2]},${["elm", "fir", "oak"][k % 3]},${k}`,
);
const asked = [
  { a: 1, b: 2, island: "s" },
  { a: null, b: -1, island: "w" },
];

export class DamagedRun {
  readonly #base = mkdtempSync(join(tmpdir(), "mtlc-damaged-"));
  readonly #whole = join(this.#base, "whole");
  readonly #run = join(this.#base, "run");
  readonly #model = join(this.#base, "birds.mtl");

  /** Trains the run. */
  async make(): Promise<void> {
    writeFileSync(this.#model, text);
    writeFileSync(join(this.#base, "rows.csv"), `a,b,island,kind,mass\n${rows.join("\n")}\n`);
    await runTraining(openSource(this.#model), { run: this.#whole, engine: { threads: 1 } });
  }

  remove(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }

  /**
   * Damages `file`, then predicts with the run (or goes on with it). Throws where that neither works nor ends in a diagnostic;
   * true where it was refused.
   */
  async damage(file: string, seed: number): Promise<boolean> {
    rmSync(this.#run, { recursive: true, force: true });
    cpSync(this.#whole, this.#run, { recursive: true });
    const path = join(this.#run, file);
    const bytes = mutated(randomStream(seed, `damaged ${file}`), readFileSync(path));
    writeFileSync(path, bytes);
    try {
      if (file === "state.safetensors" || (seed % 2 === 1 && file.endsWith(".json"))) await this.#goOn();
      else await this.#predict();
      return false;
    } catch (error) {
      if (error instanceof DiagnosticError && this.#isNamed(file, error)) return true;
      throw new Error(`MTLC_PROPERTY_SEED=${seed}: damaged ${file}:\n${bytes.toString("latin1").slice(0, 2000)}`, {
        cause: error,
      });
    }
  }

  /**
   * A text that was changed is told by its place in it, everything else by its file; numbers of a state that nothing guards
   * may stop training, which names the step.
   */
  #isNamed(file: string, { message, diagnostics }: DiagnosticError): boolean {
    if (message.includes(this.#run) || file === "model.mtl") return true;
    return file === "state.safetensors" && diagnostics.every(({ code }) => code.startsWith("MTL84"));
  }

  async #predict(): Promise<void> {
    const trained = await openTrained(this.#run, { threads: 1 });
    try {
      const set = trained.encode(tableOfRows(asked, "rows", trained.missing), { targets: false });
      const answers = answersOf(trained.model, trained.codes, set, await trained.evaluate(set));
      if (answers.length !== asked.length) throw new Error(`${answers.length} answers`);
    } finally {
      await trained.close();
    }
  }

  async #goOn(): Promise<void> {
    const source = openSource(this.#model, ["train.epochs=2"]);
    const { result } = await runTraining(source, { run: this.#run, resume: true, engine: { threads: 1 } });
    if (result.cursor.epoch < 1) throw new Error("the run did not go on");
  }
}

export const runFiles = ["run.json", "codes.json", "model.mtl", "model.safetensors", "state.safetensors"] as const;
