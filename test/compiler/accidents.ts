import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";

/** What stands in a message only where a value was not written as a person would: `[object Object]`, `undefined`, `NaN`. */
const accident = /\[object |\bundefined\b|\bNaN\b|\bInfinity\b|\bnull\b|\bfunction\b|=> \{|``/;

/** The first such text of a diagnostic that nobody wrote in the files it is about; null where there is none. */
export function accidentIn({ code, message, note, help, labels }: Diagnostic, written: string): string | null {
  for (const text of [message, note, help, ...labels.map((label) => label.message)]) {
    const [found] = accident.exec(text ?? "") ?? [];
    if (found !== undefined && !written.includes(found)) return `${code}: ${text}`;
  }
  return null;
}
