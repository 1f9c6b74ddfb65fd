import type { DiagnosticData } from "./json.ts";

/** A log of SARIF 2.1.0, as code-scanning services read it. */
export function sarifLog(diagnostics: readonly DiagnosticData[], version: string): unknown {
  const rules = [...new Map(diagnostics.map(({ code, name }) => [code, name]))].map(([id, name]) => ({ id, name }));
  const region = (data: {
    line: number | null;
    column: number | null;
    endLine?: number | null;
    endColumn?: number | null;
  }) =>
    data.line === null
      ? {}
      : {
          region: {
            startLine: data.line,
            startColumn: data.column,
            ...(data.endLine ? { endLine: data.endLine, endColumn: data.endColumn } : {}),
          },
        };
  const location = (file: string, data: Parameters<typeof region>[0]) => ({
    physicalLocation: { artifactLocation: { uri: file.replaceAll("\\", "/") }, ...region(data) },
  });
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "mtlc", version, rules } },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((data) => ({
          ruleId: data.code,
          level: data.severity === "info" ? "note" : data.severity,
          message: { text: data.help ? `${data.message}\nhelp: ${data.help}` : data.message },
          locations: data.file === null ? [] : [location(data.file, data)],
          relatedLocations: data.labels.map((label, id) => ({
            id,
            message: { text: label.message },
            ...location(label.file, label),
          })),
        })),
      },
    ],
  };
}
