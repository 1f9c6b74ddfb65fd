import type { DiagnosticData } from "./json.ts";

/** A log of SARIF 2.1.0, as code-scanning services read it; `failure` is what ended the command before it was done. */
export function sarifLog(
  diagnostics: readonly DiagnosticData[],
  version: string,
  failure?: { readonly exit: number; readonly message: string },
): unknown {
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
    physicalLocation: { artifactLocation: { uri: addressOf(file) }, ...region(data) },
  });
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "mtlc", version, rules } },
        ...(failure && {
          invocations: [
            {
              executionSuccessful: false,
              exitCode: failure.exit,
              toolExecutionNotifications: [{ level: "error", message: { text: failure.message } }],
            },
          ],
        }),
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

/** A path as an address: relative to where the command ran, or `file:` where it is absolute, every other mark encoded. */
function addressOf(path: string): string {
  const slashes = path.replaceAll("\\", "/");
  const drive = /^[A-Za-z]:\//.exec(slashes)?.[0] ?? "";
  // Lone surrogates have no encoding.
  const encoded = slashes
    .slice(drive.length)
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .split("/")
    .map((part) => encodeURIComponent(part))
    .join("/");
  if (drive !== "") return `file:///${drive}${encoded}`;
  return encoded.startsWith("/") ? `file://${encoded}` : encoded;
}
