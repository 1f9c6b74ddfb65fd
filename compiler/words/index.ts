import type { KindRow, PlainRow, SectionRow, SourceRow } from "../registry/rows.ts";

export const kindRows: readonly KindRow[] = [];
export const sectionRows: readonly SectionRow[] = [];
export const sourceRows: readonly SourceRow[] = [];
export const plainRows: readonly PlainRow[] = [];
