import type { DiagnosticData } from "./json.ts";
import { shown } from "./shown.ts";

/** Workflow commands of GitHub's, which show a message at its line of a change. */

export function githubLine(data: DiagnosticData): string {
  const level = data.severity === "info" ? "notice" : data.severity;
  const place = [
    ["file", data.file],
    ["line", data.line],
    ["endLine", data.endLine],
    ["col", data.column],
    ["endColumn", data.endColumn],
    ["title", `${data.code} ${data.name}`],
  ]
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`)
    .join(",");
  const message = data.help ? `${data.message}\nhelp: ${data.help}` : data.message;
  return `::${level} ${place}::${escapeData(message)}\n`;
}

/** An error that has no place. */
export function githubMessage(message: string): string {
  return `::error::${escapeData(message)}\n`;
}

function escapeData(text: string): string {
  return shown(text, "\r\n").replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
