import { catalogue } from "../../compiler/diagnostics/catalogue.ts";

/** `docs/diagnostics.md`: the catalogue. */

const ranges: Readonly<Record<string, string>> = {
  1: "the text",
  2: "names and declarations",
  3: "settings",
  4: "shapes",
  5: "tasks, losses, metrics",
  6: "imports",
  7: "what cannot be compiled",
  8: "data, sections, runs, training",
  9: "advice",
};

export function diagnosticsPage(command: string): string {
  return [
    "# Diagnostics",
    `Every message has a code that stays what it is. \`mtlc explain CODE\` prints the same as this page, which is written by a program from the catalogue of the compiler; \`${command}\` writes it anew. Where a file alone can show the mistake, the examples are tests: the first gives the code, the second gives nothing. They show a part of a file.`,
    ...Object.entries(ranges).flatMap(([digit, about]) => [
      `## MTL${digit}…: ${about}`,
      ...catalogue
        .filter(({ code }) => code.startsWith(`MTL${digit}`))
        .map(({ code, name, severity, why, bad, good }) =>
          [
            `### ${code} ${name} (${severity})`,
            why,
            ...(bad === "" ? [] : [`Instead of\n\n${block(bad)}`]),
            ...(good === "" ? [] : [`${bad === "" ? "Write" : "write"}\n\n${block(good)}`]),
          ].join("\n\n"),
        ),
    ]),
  ]
    .join("\n\n")
    .concat("\n");
}

function block(text: string): string {
  return `\`\`\`mtl\n${text}\n\`\`\``;
}
