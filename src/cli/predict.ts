import { askedBy, columnsAnswered } from "../../compiler/check/tables/asked.ts";
import { writeFileSync } from "node:fs";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { fileMarks } from "../../runtime/data/source-settings.ts";
import { readTableFile, tableFormats } from "../../runtime/data/table-file.ts";
import { cannotWrite } from "../../runtime/run/atomic.ts";
import { blankAnswers } from "../../runtime/train/answers.ts";
import { elementNames } from "../../runtime/train/components.ts";
import { answersTo } from "../project/answering.ts";
import { openTrained, type TrainedModel } from "../project/trained.ts";
import { tellNotes } from "../render/diagnostics.ts";
import type { AnswerNames } from "../render/answer-columns.ts";
import { renderRows, type RowFormat } from "../render/rows.ts";
import { exitCodes, formatOption, runOperand, type Command } from "./command.ts";
import { engineChoice, engineOptions } from "./train.ts";
import { checkTarget, makeFolderOf } from "./written-files.ts";
import { out } from "../render/output.ts";

export const predict: Command = {
  usage: "RUN FILE [options]",
  doc: "Answers the tasks for every row of a file (- is standard input): labels with probabilities, values in the target's units. Rows come out in the order they went in.",
  options: {
    ...engineOptions,
    from: {
      type: "string",
      value: "FORMAT",
      words: tableFormats,
      doc: "What the file is, where its name does not say.",
    },
    format: formatOption("csv", "json", "jsonl"),
    to: { type: "string", value: "FILE", doc: "Where the answers go (standard output)." },
  },
  operands: [runOperand, { noun: "a file of rows", kind: "rows" }],
  async run(args) {
    const [folder, file] = args.positionals;
    const to = args.text("to");
    if (to !== undefined) checkTarget(to, [file]);
    const trained = await openTrained(folder, engineChoice(args));
    const found: Diagnostic[] = [];
    try {
      tellNotes(trained.run.warnings());
      const from = tableFormats.find((format) => format === args.text("from"));
      const table = await readTableFile(
        file,
        from,
        fileMarks(trained.model.data[0].train),
        columnsAnswered(askedBy(trained.model)),
      );
      const answers = await answersTo(trained, table, (warning) => found.push(warning));
      tellNotes(found);
      const format = rowFormat(args.text("format"), to ?? file);
      const text = renderRows(answers, format, blankAnswers(trained.model, trained.codes), namesOf(trained));
      if (to === undefined) out.data(text);
      else writeAnswers(to, text);
      return exitCodes.fine;
    } finally {
      await trained.close();
    }
  },
};

/** What the numbers of each task's answers are called. */
function namesOf({ model, codes }: TrainedModel): AnswerNames {
  return new Map(
    model.tasks.flatMap((task) => {
      const names = elementNames(task, codes);
      return names === null ? [] : [[task.name, names]];
    }),
  );
}

/** The format asked for, else that of the file's name, else CSV. */
function rowFormat(asked: string | undefined, name: string): RowFormat {
  const formats: readonly RowFormat[] = ["csv", "json", "jsonl"];
  return (
    formats.find((format) => format === asked) ??
    formats.find((format) => name.replace(/\.gz$/, "").endsWith(`.${format}`)) ??
    "csv"
  );
}

function writeAnswers(path: string, text: string): void {
  makeFolderOf(path);
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
