import type { BalanceState, RuleState } from "../train/balance.ts";
import type { Codes } from "../data/data.ts";
import type { Cursor } from "../train/cursor.ts";
import type { DataPrint } from "./fingerprint.ts";

/**
 * What a run keeps as JSON, and whether something read is that. A run folder may come from elsewhere, so every field is
 * looked at before anything relies on it.
 */

/** What a run is, beside its weights: enough to evaluate, predict and go on without asking anything again. */
export interface RunInfo {
  readonly schema: 1;
  readonly model: string;
  /** Version of the package that wrote it. */
  readonly version: string;
  readonly seed: number;
  /** Keys of `train` that were set from outside. */
  readonly set: readonly string[];
  readonly engine: string;
  readonly device: string;
  readonly threads: number;
  /** The model's file as the user named it, and the folder that its data paths are relative to. */
  readonly file: string;
  readonly folder: string;
  /** Files of the model inside the run folder, by the path that they were imported under; `model.mtl` is the main one. */
  readonly imports: Readonly<Record<string, string>>;
  readonly finished: boolean;
  /** How far training has come. */
  readonly epochs: number;
  readonly steps: number;
  readonly seconds: number;
  /** The rows as they were when the run began; older runs do not tell. */
  readonly data?: DataPrint;
  /** A checksum of each text of the model, by its place in the run folder; older runs do not tell. */
  readonly texts?: Readonly<Record<string, string>>;
}

type Check = (value: unknown) => boolean;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isCount: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isCell: Check = (value) => isText(value) || isNumber(value) || typeof value === "boolean";
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const recordOf =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);
/** Fields that must be there, and others that may. */
function fields(needed: Readonly<Record<string, Check>>, allowed: Readonly<Record<string, Check>> = {}): Check {
  return (value) =>
    isRecord(value) &&
    Object.entries(needed).every(([key, check]) => Object.hasOwn(value, key) && check(value[key])) &&
    Object.entries(allowed).every(([key, check]) => value[key] === undefined || check(value[key]));
}
const isOne: Check = (value) => value === 1;

const isTexts = recordOf(isText);
const partPrint = fields({ rows: isCount, inputs: isTexts, answers: isTexts });
const dataPrint = fields({ parts: recordOf(partPrint), teachers: isTexts });
const runInfo = fields(
  {
    schema: isOne,
    model: isText,
    version: isText,
    seed: isNumber,
    set: listOf(isText),
    engine: isText,
    device: isText,
    threads: isCount,
    file: isText,
    folder: isText,
    imports: recordOf(isText),
    finished: (value) => typeof value === "boolean",
    epochs: isCount,
    steps: isCount,
    seconds: isNumber,
  },
  { data: dataPrint, texts: isTexts },
);
export function isRunInfo(value: unknown): value is RunInfo {
  return runInfo(value);
}

const scaleFields = fields({ shift: listOf(isNumber), factor: listOf(isNumber) });
const isScale: Check = (value) => scaleFields(value) && sameLength(value);
function sameLength(value: unknown): boolean {
  return (
    isRecord(value) &&
    Array.isArray(value.shift) &&
    Array.isArray(value.factor) &&
    value.shift.length === value.factor.length
  );
}
const inputCodes = fields(
  {},
  { scale: isScale, fill: listOf(isNumber), categories: listOf(isCell), tokens: listOf(isText) },
);
const taskCodes = fields(
  {},
  { labels: listOf(isCell), scale: isScale, counts: listOf(isNumber), columns: listOf(isText) },
);
const codes = fields({ schema: isOne, inputs: recordOf(inputCodes), tasks: recordOf(taskCodes) });
export function isCodes(value: unknown): value is Codes {
  return codes(value);
}

const isGap: Check = (value) => value === null || isNumber(value);
const rule = fields({
  kept: listOf(isGap),
  solved: listOf(isGap),
  epochMeans: listOf(listOf(isGap)),
  sums: listOf(isNumber),
  counts: listOf(isCount),
  own: isRecord,
} satisfies Record<keyof RuleState, Check>);
const balance = fields({ rules: recordOf(rule), fallbacks: isCount } satisfies Record<keyof BalanceState, Check>);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const cursor = fields({
  phase: isCount,
  epoch: isCount,
  phaseEpoch: isCount,
  step: isCount,
  phaseStep: isCount,
  epochStep: isCount,
  rate: isNumber,
  optimizer: orNull(fields({ kind: isText, vectors: listOf(isText) })),
  stepCounts: recordOf(isCount),
  balance,
  best: orNull(fields({ value: isNumber, epoch: isCount })),
  waited: isCount,
  plateau: listOf(isGap),
  averaged: orNull(isCount),
  skippedInRow: isCount,
  skipped: isCount,
  sums: recordOf(fields({ loss: isNumber, factor: isNumber, steps: isCount })),
  seconds: isNumber,
} satisfies Record<keyof Cursor, Check>);
export function isCursor(value: unknown): value is Cursor {
  return cursor(value);
}
