import type { Compilation } from "../../compiler/compile.ts";
import { fileNotRead } from "../../compiler/diagnostics/commands.ts";
import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { runLessons } from "../../compiler/ir/teacher.ts";
import { counted } from "../render/numbers.ts";
import { countLine, renderDiagnostics, type DiagnosticFormat } from "../render/diagnostics.ts";
import { compileSource, FileNotFound, openSource, type ModelSource } from "../project/sources.ts";
import { exitCodes, formatOption, modelOperand, type Command } from "./command.ts";
import { out } from "../render/output.ts";

export const check: Command = {
  usage: "FILES [options]",
  doc: "Finds every mistake in the files and what they import: names, settings, shapes, tasks, and columns in the heads of data files.",
  options: {
    format: formatOption("pretty", "json", "sarif", "github"),
    fix: { type: "boolean", doc: "Mends in the files what has one sure remedy, then checks again." },
    data: {
      type: "boolean",
      doc: "Reads all of the data, not only its head: bad cells and empty parts are found too.",
    },
  },
  operands: [{ ...modelOperand, many: true }],
  async run(args) {
    const format = (args.text("format") ?? "pretty") as DiagnosticFormat;
    const diagnostics: Diagnostic[] = [];
    const texts = new Map<string, string>();
    for (const file of new Set(args.positionals)) {
      const { compilation, diagnostics: found, unseen } = await checked(file, args.flag("data"), args.flag("fix"));
      for (const [name, tree] of compilation?.trees ?? []) texts.set(name, tree.text);
      diagnostics.push(...found);
      if (format === "pretty" && compilation && found.length === 0)
        out.say(`${file}: ${summary(compilation)}${unseen ? UNSEEN : ""}\n`);
    }
    const rendered = renderDiagnostics(diagnostics, format, (file) => texts.get(file), process.stdout);
    out.put(rendered);
    if (format === "pretty" && countLine(diagnostics)) out.say(`\n${countLine(diagnostics)}\n`);
    if (diagnostics.some(({ code }) => code === fileNotRead.code)) return exitCodes.usage;
    return diagnostics.some(({ severity }) => severity === "error") ? exitCodes.mistakes : exitCodes.fine;
  },
};

/** Of a source that is code, or a file outside of the project. */
const UNSEEN = "; not all of its data was looked into";

function summary({ model, library, trees }: Compilation): string {
  if ([...trees.values()].every(({ declarations }) => declarations.length === 0)) return "nothing is declared here";
  if (library || !model) return "a library without mistakes";
  return `${model.name}, ${counted(model.tasks.length, "task")}, no mistakes`;
}

interface Checked {
  /** Null where the file cannot be read, or is no text. */
  readonly compilation: Compilation | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether there is data that was not looked into. */
  readonly unseen?: boolean;
}

async function checked(file: string, readAll: boolean, fix: boolean): Promise<Checked> {
  try {
    if (fix) {
      const { mendFiles } = await import("../project/mended.ts");
      await mendFiles(openSource(file), (source) => diagnose(source, false));
    }
    return await diagnose(openSource(file), readAll);
  } catch (error) {
    if (error instanceof DiagnosticError) return { compilation: null, diagnostics: error.diagnostics };
    if (error instanceof FileNotFound) {
      const span = { file, start: 0, end: 0 };
      return { compilation: null, diagnostics: [report(fileNotRead, { problem: error.message }, { span })] };
    }
    throw error;
  }
}

async function diagnose(
  source: ModelSource,
  readAll: boolean,
): Promise<Checked & { readonly compilation: Compilation }> {
  const compilation = compileSource(source);
  const { model, understood, diagnostics } = compilation;
  if (understood === null) return { compilation, diagnostics };
  const { lookIntoTables } = await import("../../runtime/data/look.ts");
  let unseen = false;
  const looked = await lookIntoTables(understood.asked, source.folder, () => (unseen = true));
  const sound = diagnostics.some(({ severity }) => severity === "error") ? null : model;
  const taught = sound && runLessons(sound).length > 0 ? await lessonsOf(sound, source) : [];
  if (!readAll) return { compilation, diagnostics: [...diagnostics, ...looked, ...taught], unseen };
  const { tryData, tryPart } = await import("../project/try-data.ts");
  const read = sound ? await tryData(source) : understood.sound && (await tryPart(understood.sound, source));
  // Where all of the data is read, nothing is left to be told by its head.
  const seen = sound && read ? [] : looked;
  // A file that is not there was a warning; where its data is asked for it is an error.
  const same = ({ code, span }: Diagnostic) =>
    span !== undefined && (read ?? []).some((one) => one.code === code && one.span?.start === span.start);
  return {
    compilation,
    diagnostics: [...[...diagnostics, ...seen, ...taught].filter((one) => !same(one)), ...(read ?? [])],
  };
}

async function lessonsOf(model: Model, source: ModelSource): Promise<readonly Diagnostic[]> {
  const { teacherWarnings } = await import("../project/teachers.ts");
  return teacherWarnings(model, source);
}
