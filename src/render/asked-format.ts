import { out } from "./output.ts";
import { jsonText } from "./shown.ts";

/** The format that a command line asks for, whether or not it can be read as a whole. */
export function askedFormat(argv: readonly string[]): string | undefined {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  return words
    .flatMap((word, k) => {
      if (word === "--format") return words[k + 1] ?? [];
      return word.startsWith("--format=") ? word.slice("--format=".length) : [];
    })
    .at(-1);
}

/** Formats in which a failure is told as well. */
export function isForPrograms(format: string | undefined): boolean {
  return format === "json" || format === "sarif" || format === "github";
}

/** Results as sentences, or as an object where JSON is asked for. */
export function print(format: string | undefined, text: string, data: object): void {
  if (format === "json") out.data(asObject(data));
  else out.say(text);
}

/** The same with text whose lines stay as they are. */
export function printLines(format: string | undefined, text: string, data: object): void {
  if (format === "json") out.data(asObject(data));
  else out.lines(text);
}

/** The one object that a command prints as JSON. */
function asObject(data: object): string {
  return `${jsonText({ schema: 1, ...data })}\n`;
}
