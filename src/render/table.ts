/** Columns padded to their widest cell, three blanks between; no blank at a line's end. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, k) => (widths[k] = Math.max(widths[k] ?? 0, width(cell))));
  return rows
    .map(
      (row) =>
        row
          .map((cell, k) => cell + " ".repeat(widths[k] - width(cell)))
          .join("   ")
          .trimEnd() + "\n",
    )
    .join("");
}

/** Places that a text takes on a terminal: characters, not UTF-16 units. */
function width(text: string): number {
  return [...text].length;
}
