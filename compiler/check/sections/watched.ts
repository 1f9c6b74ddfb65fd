import type { Expression, SectionDeclaration } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { sections as rows } from "../../diagnostics/sections.ts";
import type { Context } from "../context/context.ts";
import { isDoubtful } from "../names/lookup.ts";
import { didYouMean, replaceWord, suggest } from "../names/suggest.ts";
import type { ProgramFacts } from "./facts.ts";
import { pathParts } from "../settings/written.ts";

/** Whether some data section has this part. */
function hasPart(part: string, sections: readonly SectionDeclaration[]): boolean {
  return sections.some(
    (section) => section.kind === "data" && section.settings.entries.some((entry) => entry.key.text === part),
  );
}

/**
 * `validation.loss`, `validation.digit.accuracy`, `validation.assay."NR-AR".auc`: the part, the task or group and one of its
 * metrics must exist. Reports what does not.
 */
export function checkWatched(context: Context, path: Expression, program: ProgramFacts): void {
  const parts = pathParts(path);
  if (parts === undefined) return;
  const [part, ...rest] = parts;
  const whole = parts.map(({ text }) => text).join(".");
  const refuse = (
    problem: string,
    at: { span: (typeof part)["span"] },
    written = "",
    candidates: readonly string[] = [],
  ) => {
    const meant = suggest(written, candidates);
    context.report(
      report(
        rows.stopWatchesNothing,
        { path: whole, problem },
        {
          span: at.span,
          help:
            didYouMean(meant) ??
            (candidates.length > 0
              ? `there ${candidates.length === 1 ? "is" : "are"} ${candidates.map((one) => `\`${one}\``).join(", ")}`
              : undefined),
          fixes: meant === undefined ? [] : [replaceWord(at.span, meant)],
        },
      ),
    );
  };
  const foreign = part.text === "validation" || rest.length > 0 ? undefined : watchedElsewhere(part.text, program);
  if (foreign !== undefined) return refuse("it is called otherwise", part, foreign.replaceAll(".", "_"), [foreign]);
  if (part.text !== "validation")
    return refuse(`training watches the validation part, not \`${part.text}\``, part, part.text, ["validation"]);
  if (!hasPart("validation", program.sections)) {
    // A model without data has its own diagnostic.
    if (!program.sections.some((section) => section.kind === "data")) return;
    context.report(
      report(
        rows.stopWithoutPart,
        {},
        { span: part.span, help: "add one to the data section: `validation: part(0.1, of: train)`" },
      ),
    );
    return;
  }
  const last = rest.at(-1);
  if (last === undefined) return refuse("it names a part, not a number", part, "", ["validation.loss"]);
  const names = rest.slice(0, -1);
  if (names.length === 0) {
    if (last.text === "loss") return;
    return refuse("after the part stands `loss`, or a task and one of its metrics", last, last.text, ["loss"]);
  }
  const name = names.map(({ text }) => text).join(".");
  const tasks = program.tasks.filter((task) => task.name === name || program.groups.get(name)?.includes(task.name));
  if (tasks.length === 0) {
    if (isDoubtful(context, name)) return;
    return refuse(`there is no task \`${name}\``, names[0], name, [
      ...program.tasks.map((task) => task.name),
      ...program.groups.keys(),
    ]);
  }
  if (last.text === "loss" || tasks.some((task) => task.kind === undefined || task.metricsLost)) return;
  const metrics = tasks[0].metrics.map((metric) => metric.word);
  if (!metrics.includes(last.text))
    return refuse(`\`${name}\` does not report \`${last.text}\``, last, last.text, [...metrics, "loss"]);
  if (context.registry.metric.get(last.text)?.better === null)
    refuse(`\`${last.text}\` is a table, and no value of it is the best`, last);
}

/** `val_loss`, `val_accuracy`, `loss`: what is watched elsewhere, in our words. */
function watchedElsewhere(written: string, { tasks }: ProgramFacts): string | undefined {
  const number = written.replace(/^(val|valid|validation|dev|eval)_/, "");
  if (number === "loss") return "validation.loss";
  for (const { name, metrics } of tasks)
    for (const { word } of metrics) if (word === number || suggest(number, [word])) return `validation.${name}.${word}`;
  return undefined;
}
