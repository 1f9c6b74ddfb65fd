/** Files of other kinds that are given for programs: by name, what each looks like. */

/** A declaration of ours, at the beginning of a line. */
const ours =
  /^\s*(model\s+\w+\s*;?\s*($|\/\/)|(shared|const|layer|penalty)\s+\w+\s*=|(input|task)\s+[\w-]+\s*:\s*\w|(train|data)\b[^:=\n]*\{|block\s+\w+\s*\(|import\s*\{)/m;

const kinds: readonly (readonly [name: string, looks: (text: string) => boolean])[] = [
  ["a notebook", (text) => text.includes('"nbformat"')],
  ["JSON", (text) => /^\s*[[{]\s*("|\{\s*"|\[|\d|$)/.test(text) && /[}\]]\s*$/.test(text)],
  [
    "Python",
    (text) =>
      /^(\s*(import\s+[\w.]+(\s+as\s+\w+)?|from\s+[\w.]+\s+import\b.*|def\s+\w+\(.*|class\s+\w+.*:)\s*)$/m.test(text),
  ],
  [
    "YAML",
    (text) =>
      /^(---|[\w"' -]+:(\s+\S.*)?)\s*$/m.test(text) &&
      /^(\s*-\s+\S|\s*[\w"']+:(\s|$)|---)/m.test(text) &&
      everyLine(text, yamlLine),
  ],
  ["TOML", (text) => everyLine(text, /^(\[{1,2}[\w."-]+\]{1,2}|[\w."-]+\s*=\s*\S.*)$/)],
  [
    "JavaScript",
    (text) => /^\s*(export\s+(default|const|function)|const\s+\w+\s*=\s*(require\(|\()|function\s+\w+\()/m.test(text),
  ],
  ["a table of data", isTable],
];

const yamlLine = /^(---|\.\.\.|- ?.*|[\w"' .\/-]+:(\s.*)?|[\]},]+|[[{].*)$/;

/** What a text is that is no program: "YAML"; undefined where it may be one. */
export function otherLanguage(text: string): string | undefined {
  if (text.trim() === "" || text.length > 1_000_000) return undefined;
  // A notebook and a program in a string hold words of ours, too.
  const found = kinds.find(([, looks]) => looks(text))?.[0];
  return found === undefined || (ours.test(text) && found !== "JSON" && found !== "a notebook") ? undefined : found;
}

function everyLine(text: string, pattern: RegExp): boolean {
  const lines = text.split("\n").map((line) => line.trim());
  const written = lines.filter((line) => line !== "" && !/^(#|\/\/)/.test(line));
  return written.length > 1 && written.every((line) => pattern.test(line));
}

/** Two lines or more with the same number of cells. */
function isTable(text: string): boolean {
  const lines = text.split("\n", 20).filter((line) => line.trim() !== "");
  return [",", ";", "\t"].some((mark) => {
    const counts = lines.map((line) => line.split(mark).length);
    return lines.length > 1 && counts[0] > 1 && counts.every((count) => count === counts[0]) && !/[{}]/.test(text);
  });
}
