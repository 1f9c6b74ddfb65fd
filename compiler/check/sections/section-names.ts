import type { SectionDeclaration } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { sections as rows } from "../../diagnostics/sections.ts";
import type { Context } from "../context/context.ts";

/** Train and data sections share a set of names, and only one of each may go without. */
export function checkSectionNames(context: Context, sections: readonly SectionDeclaration[]): void {
  const seen = new Map<string, SectionDeclaration>();
  for (const section of sections) {
    const key = section.name?.text ?? `(${section.kind})`;
    const before = seen.get(key);
    if (before === undefined) seen.set(key, section);
    else
      context.report(
        report(
          rows.sectionTwice,
          { section: section.kind, name: section.name?.text ?? null },
          {
            span: section.name?.span ?? section.keyword,
            labels: [{ span: before.name?.span ?? before.keyword, message: "the first is here" }],
            help:
              section.name === undefined ? `give it a name: \`${section.kind} second { … }\`` : "give it another name",
          },
        ),
      );
  }
}
