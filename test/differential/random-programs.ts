import { Draw } from "../property/draw.ts";
import { randomProgram } from "../property/program.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { checkEverywhere, type Verdict } from "./executors.ts";

/** Random programs on all executors, each on rows of its own. */
const ROWS = 13;
/** Larger ones make chaos of a training in few steps, and then rounding decides. */
const RATES = [0.001, 0.003, 0.01, 0.03];

/** Trains the program of a seed for so many steps, half of them in each of two phases, to its end. Throws with the seed and the program where it differs. */
export async function checkRandom(seed: number, steps: number): Promise<Verdict> {
  const program = randomProgram(seed, RATES);
  const phases = program.text.match(/^train\b/gm)?.length ?? 1;
  const text = program.text.replace(/^ {2}(epochs: 1|steps: 2)$/gm, `  steps: ${Math.ceil(steps / phases)}`);
  const draw = new Draw(seed, "rows");
  const rows = Array.from({ length: ROWS }, () => JSON.stringify(program.row(draw))).join("\n");
  try {
    // More than it has: it comes to its end, and what it hands over is compared, too.
    const verdict = await checkEverywhere(sourceOf(text, { "rows.jsonl": rows }), { steps: 2 * steps });
    if (verdict.outcome === "different") throw new Error(verdict.lines.join("\n"));
    return verdict;
  } catch (error) {
    throw new Error(`MTLC_PROPERTY_SEED=${seed}\n${String(error)}\n\n${text}`, { cause: error });
  }
}
