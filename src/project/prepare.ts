import { unbuiltWords } from "../../compiler/unbuilt.ts";
import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { room } from "../../compiler/diagnostics/room.ts";
import { bytesToTrain } from "../../compiler/oversized.ts";
import { memoryOfMachine } from "../../runtime/memory.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import { bindData } from "../../runtime/data/bind.ts";
import type { BoundData, Codes } from "../../runtime/data/data.ts";
import { Mistakes } from "../../runtime/data/mistakes.ts";
import { tellLongWarmups } from "../../runtime/train/course.ts";
import { sizedModel, soundModel } from "./sound-model.ts";
import type { ModelSource } from "./sources.ts";
import { openTeachers, type Teacher } from "./teachers.ts";

/** A model ready to be trained: every size is a number, every word can run, its data is encoded. */
export interface Prepared {
  readonly model: Model;
  readonly data: BoundData;
  /** Runs that it learns from; the rows hold what these read of them. */
  readonly teachers: readonly Teacher[];
  /** Warnings and advice, to be shown and not to stop at. */
  readonly notes: readonly Diagnostic[];
}

export interface PrepareOptions {
  /** What an earlier run has learnt of its data, in place of learning it. */
  readonly codes?: Codes;
  /** False where nothing is going to be learnt, so that no teacher is needed. */
  readonly teachers?: boolean;
}

/** Reads the data, learns codes and scales from its training rows (or takes those of an earlier run), and fixes every size. */
export async function prepare(
  source: ModelSource,
  { codes, teachers: asked = true }: PrepareOptions = {},
): Promise<Prepared> {
  const { model, compilation } = soundModel(source);
  const missing = unbuiltWords(model, registry);
  if (missing.length > 0) throw new DiagnosticError(missing);
  const notes: Diagnostic[] = compilation.diagnostics.filter(({ severity }) => severity !== "info");
  const mistakes = new Mistakes();
  const teachers = (asked ? mistakes.gather(() => openTeachers(model, source)) : undefined) ?? [];
  for (const { trained } of teachers) notes.push(...trained.run.warnings());
  const data = await mistakes.gatherLater(() =>
    bindData(model, {
      folder: source.folder,
      seed: model.phases[0].seed,
      codes,
      readers: teachers.map(({ path, trained, span }) => ({
        name: path,
        model: trained.model,
        codes: trained.codes,
        span,
      })),
      onWarning: (warning) => notes.push(warning),
    }),
  );
  mistakes.throwAny();
  if (data === undefined) throw new Error("data that cannot be read were expected to be reported");
  const rows = data.sections[0].train.rows;
  if (asked) tellLongWarmups(model, rows, registry, (warning) => notes.push(warning));
  const sized = sizedModel(source, data.sizes, rows);
  // A batch never has more rows than there are.
  const phases = sized.phases.map((phase) => ({ ...phase, batch: Math.min(phase.batch, Math.max(1, rows)) }));
  const fitted = { ...sized, phases };
  if (asked) checkMemory(fitted);
  return { model: fitted, data, teachers, notes };
}

/** Throws where a step surely takes more memory than the machine has. */
function checkMemory(model: Model): void {
  const phase = model.phases.reduce((a, b) => (b.batch > a.batch ? b : a));
  const [bytes, memory] = [bytesToTrain(model, registry, phase.batch), memoryOfMachine()];
  if (bytes <= memory) return;
  const help = "smaller batches take less; `accumulate` puts several together into one step";
  const span = phase.spans?.batch ?? phase.span;
  throw new DiagnosticError([report(room.tooLittleMemory, { bytes, memory, batch: phase.batch }, { span, help })]);
}
