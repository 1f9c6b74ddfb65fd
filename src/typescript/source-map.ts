/** Source maps, version 3: from places of generated text to places of the text behind it. Lines and columns count from 0. */

export interface Mapping {
  readonly line: number;
  readonly column: number;
  /** Null where nothing stands behind what follows. */
  readonly origin: { readonly source: number; readonly line: number; readonly column: number } | null;
}

export function sourceMap(file: string, sources: readonly string[], mappings: readonly Mapping[]): string {
  return `${JSON.stringify({ version: 3, file, sources, names: [], mappings: encode(mappings) })}\n`;
}

function encode(mappings: readonly Mapping[]): string {
  // Of two at one place the later one counts.
  const byPlace = new Map(mappings.map((mapping) => [`${mapping.line}:${mapping.column}`, mapping]));
  const sorted = [...byPlace.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  let text = "";
  let line = 0;
  let column = 0;
  let before = { source: 0, line: 0, column: 0 };
  let isFirst = true;
  for (const mapping of sorted) {
    while (line < mapping.line) {
      text += ";";
      line += 1;
      column = 0;
      isFirst = true;
    }
    if (!isFirst) text += ",";
    isFirst = false;
    text += digits(mapping.column - column);
    column = mapping.column;
    const { origin } = mapping;
    if (origin === null) continue;
    text +=
      digits(origin.source - before.source) + digits(origin.line - before.line) + digits(origin.column - before.column);
    before = origin;
  }
  // Readers of maps want to see the end of a segment that leads nowhere.
  return `${text};`;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A number in base 64, five bits a digit, the sign in its lowest bit. */
function digits(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += ALPHABET[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}
