/** Formats TypeScript or JavaScript. All that decides how is said here: no configuration of a user's is looked for. */
export async function formatSource(text: string): Promise<string> {
  const [{ format }, typescript, estree] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/typescript"),
    import("prettier/plugins/estree"),
  ]);
  return format(text, {
    parser: "typescript",
    // It decides how type parameters are written.
    filepath: "module.ts",
    plugins: [typescript, estree],
    printWidth: 120,
    tabWidth: 2,
    useTabs: false,
    semi: true,
    singleQuote: false,
    quoteProps: "as-needed",
    trailingComma: "all",
    bracketSpacing: true,
    bracketSameLine: false,
    objectWrap: "collapse",
    arrowParens: "always",
    endOfLine: "lf",
  });
}
