import { registry } from "../compiler/registry/index.ts";
import { DiagnosticError } from "../compiler/diagnostics/diagnostic.ts";
import { openEngine } from "../runtime/engines/index.ts";
import { preparePhase } from "../runtime/train/phase.ts";
import { factsOf, planRun } from "../runtime/train/plan.ts";
import { prepare } from "../src/project/prepare.ts";
import { sizedModel, soundModel } from "../src/project/sound-model.ts";
import { openSource } from "../src/project/sources.ts";

/**
 * Takes one program from its text to a session that is ready for the first step, and prints the seconds of it as JSON: all but
 * reading the data. Prints null for a program that has words which no version can run yet.
 */
const source = openSource(process.argv[2]);
let seconds = 0;
const timed = async <T>(work: () => T | Promise<T>): Promise<T> => {
  const started = performance.now();
  const result = await work();
  seconds += (performance.now() - started) / 1000;
  return result;
};
try {
  await timed(() => soundModel(source));
  const { data } = await prepare(source);
  await timed(async () => {
    const model = sizedModel(source, data.sizes);
    const [phase] = model.phases;
    const engine = await openEngine();
    const { programs, state } = planRun(engine, registry, model, factsOf(data));
    const weights = model.tasks.map(({ weight }) => weight);
    await preparePhase({ engine, registry, phase, program: programs[0], state, steps: {}, weights });
  });
  console.log(JSON.stringify({ seconds }));
} catch (error) {
  if (!(error instanceof DiagnosticError)) throw error;
  console.log(JSON.stringify({ why: error.diagnostics.map(({ message }) => message).join("; ") }));
}
