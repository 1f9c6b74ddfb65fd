import type { Morph } from "./ts-morph.ts";

/** What `tsc` makes of a module: the same without its types. */
export function javascriptOf({ ts }: Morph, text: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: false,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
  return outputText;
}
