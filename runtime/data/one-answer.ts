import { answers as answerRows } from "../../compiler/diagnostics/answers.ts";
import { data } from "../../compiler/diagnostics/data.ts";
import { report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Cell, Task } from "../../compiler/ir/model.ts";
import { targetShape } from "./answers.ts";
import type { Target } from "./data.ts";
import { elementsOf } from "./table.ts";
import { labelsOf, type TaskCodes } from "./targets.ts";

/** Tasks whose training answers are all the same: there is nothing to tell apart by them. */

type Tell = (warning: Diagnostic) => void;

/** Of labels and flags, by how often each occurs. */
export function tellOneAnswer(task: Task, codes: TaskCodes, counts: readonly number[], onWarning: Tell): void {
  const { name, kind, positive, span } = task;
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const only = counts.indexOf(rows);
  if (kind.word === "flags" || rows < 2 || only < 0) return;
  const written = (cells: readonly Cell[]): string => cells.map((cell) => JSON.stringify(cell)).join(" or ");
  if (kind.word !== "flag") {
    const label = written([(labelsOf(task, codes) ?? [])[only] ?? only]);
    onWarning(report(answerRows.oneAnswer, { task: name, rows, label }, { span }));
  } else if (positive === undefined || only === 1) {
    onWarning(report(answerRows.oneAnswer, { task: name, rows, label: only === 1 ? "yes" : "no" }, { span }));
  } else onWarning(report(data.neverPositive, { task: name, rows, positive: written(positive) }, { span }));
}

/** Of numbers: `targets` are scaled, and told are numbers in their own units. */
export function tellOneNumber(task: Task, codes: TaskCodes, targets: readonly Target[], onWarning: Tell): void {
  const elements = elementsOf(targetShape(task));
  const only = new Array<number | undefined>(elements);
  let rows = 0;
  for (const { values, weight } of targets)
    for (let start = 0; start < values.length; start += elements) {
      let isThere = false;
      for (let k = 0; k < elements; k++) {
        if (weight[start + k] === 0) continue;
        only[k] ??= values[start + k];
        if (values[start + k] !== only[k]) return;
        isThere = true;
      }
      if (isThere) rows++;
    }
  if (rows < 2) return;
  const { shift, factor } = codes.scale ?? { shift: [0], factor: [1] };
  const inUnits = only.map((value, k) => {
    const group = shift.length === elements ? k : 0;
    return value === undefined ? null : Number((value * factor[group] + shift[group]).toPrecision(12));
  });
  const label = elements === 1 ? String(inUnits[0]) : elements <= 4 ? `[${inUnits.join(", ")}]` : "the same";
  onWarning(report(answerRows.oneAnswer, { task: task.name, rows, label }, { span: task.span }));
}
