import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../compiler/compile.ts";
import { DiagnosticError, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { lookIntoTables } from "../../runtime/data/look.ts";
import { overridesOf, type ModelSource } from "../../src/project/sources.ts";
import { runTraining } from "../../src/project/training.ts";
import { tryData } from "../../src/project/try-data.ts";
import { folderOf } from "../runtime/small-training.ts";
import { noKey } from "./table-files.ts";
import { randomTables } from "./tables.ts";

export type DataOutcome = "passed" | "refused" | "seen in the head";

/** A file that cannot be read, has no rows or columns of unequal length. */
const spoiling: ReadonlySet<string> = new Set(["MTL8002", "MTL8006", "MTL8023"]);
/** Such files and tables that cannot be put together: what they hold is not judged then. */
const hiding: ReadonlySet<string> = new Set([...spoiling, "MTL8020", "MTL8021"]);

/** What went wrong in steps, which nobody can know before. */
const inSteps: ReadonlySet<string> = new Set(["MTL8401", "MTL8402", "MTL8403", "MTL8405"]);

/**
 * Holds the program of a seed to what is true of all: what `check --data` passes, training passes; what it refuses, training
 * refuses by the same code at the same place; and what the heads of files show to be wrong is so.
 */
export async function checkAgreement(seed: number): Promise<DataOutcome> {
  const { text, files, formats } = randomTables(seed);
  const folder = folderOf({ "model.mtl": text });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const file = join(folder, "model.mtl");
  const overrides = overridesOf(["train.steps=1"]);
  const source: ModelSource = { file, folder, text, read: () => null, overrides };
  const { understood, diagnostics } = compile(text, { file, overrides });
  const fail = (problem: string, ...said: readonly (readonly Diagnostic[])[]): Error => {
    const lines = said.map((each) => each.map(({ code, message }) => `  ${code} ${message}`).join("\n"));
    const shown = Object.entries(files).map(([name, content]) => `${name}\n${String(content).slice(0, 1500)}`);
    return new Error([`MTLC_PROPERTY_SEED=${seed}: ${problem}`, ...lines, text, ...shown].join("\n\n"));
  };
  if (errors(diagnostics).length > 0 || understood === null) throw fail("the program is not sound", diagnostics);

  const head = errors(await lookIntoTables(understood.asked, folder));
  const spoilt = head.filter(({ code }) => spoiling.has(code));
  const all = errors((await tryData(source)) ?? []);
  const trained = errors(await refusals(source)).filter(({ code }) => !inSteps.has(code));
  const missing = trained.filter((one) => !all.some((other) => same(one, other)));
  const wrong = all.filter((one) => !trained.some((other) => same(one, other)));
  if (missing.length > 0) throw fail("train refuses what check --data passes", missing, all);
  if (wrong.length > 0) throw fail("check --data refuses what train passes", wrong, trained);
  const untrue = spoilt.filter((one) => !trained.some((other) => same(one, other)));
  if (untrue.length > 0) throw fail("check says of a file what train does not", untrue, trained);
  const unseen = trained.filter((one) => one.code === "MTL8023" && !spoilt.some((other) => same(one, other)));
  if (unseen.length > 0 && formats.every((format) => format === "npz" || format === "idx"))
    throw fail("the heads of arrays say how long they are, and check does not", unseen, head);
  if (head.length > 0 && trained.length === 0) throw fail("check refuses what train passes", head);
  const unread = trained.some(({ code, message }) => hiding.has(code) || message.endsWith(`no column "${noKey}"`));
  const astray = head.filter((one) => !trained.some((other) => same(one, other)));
  if (astray.length > 0 && !unread) throw fail("check and train say different things", astray, trained);
  return trained.length === 0 ? "passed" : head.length > 0 ? "seen in the head" : "refused";
}

function errors(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

function same(one: Diagnostic, other: Diagnostic): boolean {
  return one.code === other.code && one.span?.start === other.span?.start;
}

async function refusals(source: ModelSource): Promise<readonly Diagnostic[]> {
  try {
    await runTraining(source, { keepNothing: true, engine: { threads: 1 } });
    return [];
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}
