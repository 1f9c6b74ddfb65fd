import { isDeepStrictEqual } from "node:util";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import type { Snapshot } from "../../runtime/train/snapshot.ts";
import { bits, prepared, trained, type Trained } from "../runtime/small-training.ts";
import { Draw } from "./draw.ts";
import { randomProgram } from "./program.ts";

/** How the run of a random program went: `refused` where nothing can be trained, `diverged` where its rates were too wild. */
export type RunOutcome = "trained" | "refused" | "diverged";

const ROWS = 13;
/** A word that cannot run yet; a program whose `freeze` leaves nothing that learns. */
const REFUSED = new Set(["MTL7001", "MTL8404"]);
const NOT_FINITE = new Set(["loss-not-finite", "gradient-not-finite"]);

/**
 * Trains the program of a seed on rows of its own. All numbers must be finite, and a run that was interrupted after some step
 * and went on must be the run that was not, to the bit.
 */
export async function checkRun(seed: number): Promise<RunOutcome> {
  const program = randomProgram(seed);
  const draw = new Draw(seed, "rows");
  const rows = Array.from({ length: ROWS }, () => JSON.stringify(program.row(draw))).join("\n");
  try {
    const ready = await prepared(program.text, { "rows.jsonl": rows });
    const whole = await trained(ready);
    for (const [name, values] of whole.weights)
      if (!values.every(Number.isFinite)) throw new Error(`${name} is not finite`);
    // Every step of its own was skipped.
    if (whole.steps.length === 0) return "diverged";
    const stop = draw.below(whole.steps.length);
    let saved: Snapshot | undefined;
    const first = await trained(ready, {
      interrupted: counting(stop),
      save: (snapshot) => (saved = snapshot),
    });
    if (!first.interrupted || !saved) throw new Error(`training went on after the interruption at question ${stop}`);
    const second = await trained(ready, { from: saved });
    const pieces = { ...second, steps: [...first.steps, ...second.steps], epochs: [...first.epochs, ...second.epochs] };
    const [expected, found] = [all(whole), all(pieces)];
    for (const key of Object.keys(expected) as (keyof typeof expected)[])
      if (!isDeepStrictEqual(found[key], expected[key]))
        throw new Error(`interrupted at question ${stop} and resumed, the ${key} are not those of the whole run`);
    return "trained";
  } catch (error) {
    if (error instanceof DiagnosticError) {
      if (error.diagnostics.every(({ code }) => REFUSED.has(code))) return "refused";
      if (error.diagnostics.every(({ name }) => NOT_FINITE.has(name))) return "diverged";
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`MTLC_PROPERTY_SEED=${seed}: ${message}\n\n${program.text}\n${rows}`, { cause: error });
  }
}

function counting(limit: number): () => boolean {
  let asked = 0;
  return () => ++asked > limit;
}

function all({ steps, epochs, weights, parts, snapshot }: Trained) {
  const { seconds: _, ...cursor } = snapshot.cursor;
  return {
    steps,
    epochs,
    weights: bits(weights),
    parts: [...parts],
    cursor,
    state: bits(new Map([...snapshot.tensors].map(([name, { data }]) => [name, data]))),
  };
}
