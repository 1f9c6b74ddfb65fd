import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { EngineDescription } from "../../runtime/engines/engine.ts";
import { openEngine, type EngineChoice } from "../../runtime/engines/index.ts";
import { sizesOf } from "../../runtime/data/sizes.ts";
import { files } from "../../runtime/run/names.ts";
import { openRun, type OpenRun } from "../../runtime/run/open-run.ts";
import { checkedWeights, networkOn, type Network, type NetworkParts } from "./network.ts";
import { checkCodes, sourceOfRun } from "./run-source.ts";
import { sizedModel, soundModel } from "./sound-model.ts";

/** A trained network out of a run folder. */
export interface TrainedModel extends Network {
  readonly run: OpenRun;
  readonly engine: EngineDescription;
}

/** What a run folder holds of a trained network, before any engine. */
export interface TrainedFiles extends NetworkParts {
  readonly run: OpenRun;
}

export function readTrained(folder: string, onWarning?: (warning: Diagnostic) => void): TrainedFiles {
  const { run, model, codes } = readTrainedModel(folder);
  const weights = checkedWeights(run.weights(), model, `${run.folder}/${files.weights}`);
  if (onWarning) run.warnings().forEach(onWarning);
  return { run, model, codes, weights };
}

/** The same without the weights, which may be many. */
export function readTrainedModel(folder: string): Omit<TrainedFiles, "weights"> {
  const run = openRun(folder);
  const { codes } = run;
  const source = sourceOfRun(run);
  const unsized = soundModel(source).model;
  checkCodes(run, unsized);
  return { run, model: sizedModel(source, sizesOf(unsized, codes)), codes };
}

export async function openTrained(folder: string, choice?: EngineChoice): Promise<TrainedModel> {
  const trained = readTrained(folder);
  const engine = await openEngine(choice);
  return { ...networkOn(engine, trained), run: trained.run, engine: engine.description };
}
