import * as estree from "prettier/plugins/estree";
import * as typescript from "prettier/plugins/typescript";
import { format } from "prettier/standalone";

/** Formats TypeScript. All that decides how is said here: no configuration file of a user's is looked for. */
export async function formatTypeScript(text: string): Promise<string> {
  return format(text, {
    parser: "typescript",
    plugins: [typescript, estree],
    printWidth: 120,
    tabWidth: 2,
    useTabs: false,
    semi: true,
    singleQuote: false,
    quoteProps: "as-needed",
    trailingComma: "all",
    bracketSpacing: true,
    objectWrap: "collapse",
    arrowParens: "always",
    endOfLine: "lf",
  });
}
