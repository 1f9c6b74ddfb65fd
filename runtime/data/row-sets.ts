import { ownOf } from "../../compiler/ir/own.ts";
import { answers as answerRows } from "../../compiler/diagnostics/answers.ts";
import { report } from "../../compiler/diagnostics/diagnostic.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { codeLimits } from "../../compiler/ir/code-limits.ts";
import { inputsOfTasks } from "../../compiler/ir/behind.ts";
import type { Model, Task } from "../../compiler/ir/model.ts";
import { tokensOfAxes } from "./along.ts";
import { readAnswers } from "./answers.ts";
import { BadCells } from "./bad-cells.ts";
import { checkColumns } from "./columns.ts";
import type { Codes, RowSet, Target } from "./data.ts";
import { Findings } from "./findings.ts";
import { encodeInput, inputElements } from "./inputs.ts";
import { Mistakes } from "./mistakes.ts";
import { allRows } from "./parts.ts";
import { checkRoom } from "./room.ts";
import type { Part, Rows } from "./parts.ts";
import { cellText, placeOf } from "./table.ts";
import { noteStrangeNos } from "./slips-of-flags.ts";
import { valuesOfTheirOwn } from "./slips-of-values.ts";
import { noteUnseenLabels } from "./unseen.ts";
import type { Table } from "./table.ts";
import { encodeTarget, rowWeights, weighted } from "./targets.ts";

/** Rows of a table as a set of tensors, by what was learnt. */

/** The rows' numbers in their file: in the first column's, where columns come from several. */
export function originOf({ table, rows }: Rows): RowSet["origin"] {
  const [column] = table.columns.values();
  if (column === undefined || rows.length === 0) return undefined;
  return { file: placeOf(column, rows[0]).file, rows: rows.map((row) => placeOf(column, row).row) };
}

/** Inputs that are not read from these rows are zero. */
export function encodeInputs(
  model: Pick<Model, "inputs" | "instructions">,
  read: ReadonlySet<string>,
  codes: Codes,
  rows: Rows,
  part: Part,
  bad: BadCells,
  mistakes: Mistakes,
  findings: Findings,
): RowSet["inputs"] {
  const encoded: Record<string, Float32Array | Int32Array> = {};
  const limits = codeLimits(model);
  for (const input of model.inputs) {
    const length = rows.rows.length * inputElements(input);
    checkRoom(`input \`${input.name}\``, rows.rows.length, inputElements(input), input.span);
    const values = read.has(input.name)
      ? mistakes.gather(() =>
          encodeInput(input, ownOf(codes.inputs, input.name) ?? {}, rows, part, bad, findings, limits.get(input.name)),
        )
      : undefined;
    encoded[input.name] = values ?? (input.type.element === "i32" ? new Int32Array(length) : new Float32Array(length));
  }
  return encoded;
}

export function encodeTargets(
  model: Pick<Model, "inputs">,
  tasks: readonly Task[],
  codes: Codes,
  rows: Rows,
  part: Part,
  bad: BadCells,
  mistakes: Mistakes,
  findings: Findings,
): Readonly<Record<string, Target>> {
  const targets: Record<string, Target> = {};
  const tokens = tokensOfAxes(model.inputs, rows);
  for (const task of tasks) {
    const unseen = new Map<string, number>();
    const target = mistakes.gather(() =>
      encodeTarget(task, ownOf(codes.tasks, task.name) ?? {}, rows, {
        bad,
        unseen({ column }, cell) {
          const label = cellText(column, cell) ?? "";
          unseen.set(label, (unseen.get(label) ?? 0) + 1);
        },
        tokens,
      }),
    );
    if (target === undefined) continue;
    targets[task.name] = target;
    noteUnseenLabels(task, ownOf(codes.tasks, task.name)?.labels ?? [], unseen, part, findings);
    if (task.positive !== undefined)
      noteStrangeNos(task, readAnswers(task, rows.table, null) ?? [], rows.rows, part, findings);
  }
  return targets;
}

/** Notes the tasks that these rows, which are there to measure them, have no answer for. */
export function noteUnanswered(
  tasks: readonly Task[],
  targets: Readonly<Record<string, Target>>,
  { label }: Part,
  findings: Findings,
): void {
  const silent = tasks.filter(({ name }) => ownOf(targets, name)?.weight.includes(1) === false);
  if (silent.length === 0) return;
  const names = silent.map(({ name }) => `\`${name}\``).join(", ");
  findings.add(`no answers for ${names}`, { part: label, count: 0, of: 0 }, ({ parts }) => {
    // Where every training row has a label of its own, none is known elsewhere.
    const told = silent.filter(({ name }) => !findings.has(valuesOfTheirOwn("labels", name)));
    const unanswered = told.map(({ name }) => `\`${name}\``).join(", ");
    return told.length === 0
      ? null
      : report(answerRows.partWithoutAnswers, { parts, tasks: unanswered }, { span: told[0].span });
  });
}

export function withRowWeights(
  tasks: readonly Task[],
  targets: Readonly<Record<string, Target>>,
  rows: Rows,
  bad: BadCells,
): Readonly<Record<string, Target>> {
  const heavy: Record<string, Target> = {};
  for (const task of tasks) {
    const target = ownOf(targets, task.name);
    if (target !== undefined) heavy[task.name] = weighted(target, rowWeights(task, rows, bad));
  }
  return heavy;
}

/**
 * The rows of a new file, encoded with what a model has learnt. Inputs must be there; targets that are not are missing. Throws
 * a DiagnosticError with every mistake in the cells.
 */
export function encodeRows(
  model: Model,
  codes: Codes,
  table: Table,
  options: {
    /** False: only the inputs are read. */
    readonly targets?: boolean;
    /** `matter` is the same for all warnings of one kind about one declaration. */
    readonly onWarning?: (warning: Diagnostic, matter: string) => void;
  } = {},
): RowSet {
  const rows = allRows(table);
  const findings = new Findings(model, true);
  const bad = new BadCells(findings.empty);
  const mistakes = new Mistakes();
  const names = model.tasks.map((task) => task.name);
  const part: Part = { label: table.file, training: false, cut: false };
  const read = inputsOfTasks(model, names);
  checkColumns(
    table,
    model.inputs.filter(({ name }) => read.has(name)),
  );
  const inputs = encodeInputs(model, read, codes, rows, part, bad, mistakes, findings);
  const tasks = options.targets === false ? [] : model.tasks.filter((task) => task.target !== null);
  const plain = encodeTargets(model, tasks, codes, rows, part, bad, mistakes, findings);
  const targets = withRowWeights(tasks, plain, rows, bad);
  mistakes.add(bad.inTrainedWords());
  mistakes.throwAny();
  if (table.rows > 0) noteUnanswered(tasks, plain, part, findings);
  if (options.onWarning) findings.tell(options.onWarning);
  return { rows: table.rows, inputs, targets };
}
