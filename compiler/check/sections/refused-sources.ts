import type { Expression } from "../../../grammar/tree.ts";
import { report, type Fix } from "../../diagnostics/diagnostic.ts";
import { sections as rows } from "../../diagnostics/sections.ts";
import { settings } from "../../diagnostics/settings.ts";
import type { Context } from "../context/context.ts";
import { replaceWord } from "../names/suggest.ts";
import { describeWritten, quoted, ungrouped } from "../settings/written.ts";

/** What stands where rows should come from, and what was most likely meant. */

/** Says that this is no source; `part` is the key that it stands at. */
export function refuseSource(context: Context, expression: Expression, part: string): undefined {
  const { span } = expression;
  const found = describeWritten(context, expression);
  const say = (help: string, fixes: readonly Fix[] = []): undefined =>
    void context.report(report(rows.notASource, { found }, { span, help, fixes }));
  if (expression.kind === "list" || expression.kind === "binary") return say(severalFiles);
  const share = shareOf(expression);
  if (share !== undefined && part !== "train") {
    const text = `part(${share}, of: train)`;
    return say(`write \`${text}\``, [replaceWord(span, text)]);
  }
  if (share !== undefined) return say('write `csv("rows.csv")`: the rows that the other parts leave are trained on');
  if (expression.kind !== "string") return say('write `csv("rows.csv")`');
  const { value } = expression;
  if (context.registry.source.has(value)) return say(`write \`${value}("rows.${value}")\``);
  if (isAddress(value) || isPattern(value)) return refuseFile(context, expression);
  const word = readerOf(value);
  if (word === undefined && /\.(xlsx?|ods|feather|h5|hdf5?|pkl|pickle|zip|sav|dta|sqlite|db)$/i.test(value))
    return say(`save it as a table of text: \`csv(${JSON.stringify(value.replace(/\.\w+$/, ".csv"))})\``);
  const insertions = [
    { span: { ...span, end: span.start }, text: `${word}(` },
    { span: { ...span, start: span.end }, text: ")" },
  ];
  return say(
    `write \`${word ?? "csv"}(${JSON.stringify(value)})\``,
    word === undefined ? [] : [{ title: `read it by \`${word}\``, edits: insertions }],
  );
}

/** Whether a file's name can be none: an address, a pattern, a list, a second one. Reports it. */
export function isNoFile(context: Context, written: Expression, second = false): boolean {
  const value = ungrouped(written);
  if (second && value.kind === "string") {
    const holes = { found: quoted(value.value), what: "a second one" };
    context.report(report(settings.notAFile, holes, { span: value.span, help: severalFiles }));
    return true;
  }
  const isNone =
    value.kind === "list" || (value.kind === "string" && (isAddress(value.value) || isPattern(value.value)));
  if (isNone) refuseFile(context, value);
  return isNone;
}

function refuseFile(context: Context, value: Expression): undefined {
  const text = value.kind === "string" ? value.value : "";
  const name = text.replace(/[?#].*$/, "").replace(/^.*\//, "");
  const [found, what, help] =
    value.kind === "list"
      ? ["this", "a list", severalFiles]
      : isPattern(text) && !isAddress(text)
        ? [quoted(text), "a pattern", severalFiles]
        : /^file:/i.test(text)
          ? [quoted(text), "an address", `write the path alone: \`"${text.replace(/^file:\/\//i, "")}"\``]
          : [
              quoted(text),
              "an address",
              `download it, and name the file: \`"${name.includes(".") ? name : "rows.csv"}"\``,
            ];
  context.report(report(settings.notAFile, { found, what }, { span: value.span, help }));
}

const severalFiles =
  'put the rows of several files into one file, or read them all in a module: `module("./rows.mjs")`';

function isAddress(path: string): boolean {
  return /^([a-z][a-z0-9+.-]*:\/\/|www\.)/i.test(path);
}
function isPattern(path: string): boolean {
  return path.includes("*");
}

/** `0.1`, `20` (of a hundred), `"0.2"`: the share that is meant. */
function shareOf(written: Expression): number | undefined {
  const expression = ungrouped(written);
  const number =
    expression.kind === "number"
      ? expression.value
      : expression.kind === "string" && /^\d*\.?\d+ ?%?$/.test(expression.value)
        ? Number.parseFloat(expression.value)
        : Number.NaN;
  if (!(number > 0) || number > 99) return undefined;
  return number < 1 ? number : Number((number / 100).toFixed(4));
}

/** The source that reads files of this name. */
function readerOf(path: string): string | undefined {
  const [, ending] = /\.(\w+)(?:\.gz)?$/.exec(path) ?? [];
  return ["csv", "tsv", "json", "jsonl", "parquet", "npz"].find((word) => word === ending);
}
