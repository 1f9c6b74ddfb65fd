import type { Edit, Fix } from "./diagnostics/diagnostic.ts";

/**
 * The text with these fixes made, from right to left. A fix that touches what an earlier one of the list changes is left out
 * whole, so half a fix is never made; the same fix twice is made once. All edits must be of this text's file.
 */
export function applyFixes(text: string, fixes: readonly Fix[]): string {
  const taken: Edit[] = [];
  for (const fix of fixes) {
    if (fix.edits.some((edit) => taken.some((other) => overlaps(edit, other)))) continue;
    taken.push(...fix.edits);
  }
  // Insertions at one place keep their order.
  const ordered = taken
    .map((edit, index) => ({ edit, index }))
    .sort((a, b) => b.edit.span.start - a.edit.span.start || b.edit.span.end - a.edit.span.end || b.index - a.index);
  return ordered.reduce(
    (result, { edit: { span, text: insertion } }) => result.slice(0, span.start) + insertion + result.slice(span.end),
    text,
  );
}

function overlaps(a: Edit, b: Edit): boolean {
  const sameInsertion = a.span.start === b.span.start && a.span.end === b.span.end && a.text === b.text;
  return sameInsertion || (a.span.start < b.span.end && b.span.start < a.span.end);
}
