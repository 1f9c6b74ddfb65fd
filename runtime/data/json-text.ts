import type { DataFile } from "./files.ts";
import { parseExactly } from "./exact-json.ts";
import { readBy } from "./text-bytes.ts";

/** JSON as programs write it, and what is said of a text that is none. */

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bNaN\b|[-+]?\bInfinity\b/gs;

/** A number that JSON has no word for. */
class NoNumber extends Error {}

/** The value of a text. NaN, as Python writes it, is an empty cell. Throws an Error that says what is wrong. */
export function parseJson(text: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    const plain = text.includes("NaN") || text.includes("Infinity") ? withoutNaN(text) : text;
    if (plain === text) throw error;
    try {
      return parseExactly(plain);
    } catch {
      throw error;
    }
  }
}

function withoutNaN(text: string): string {
  return text.replace(tokens, (token, at: number) => {
    if (token.startsWith('"')) return token;
    if (token.endsWith("NaN")) return "null";
    const line = text.slice(0, at).split("\n").length;
    throw new NoNumber(`${text.includes("\n") ? `line ${line}, ` : ""}it holds ${token}`);
  });
}

/** What can be done about it. */
export function jsonHelp(error: unknown): string | undefined {
  return error instanceof NoNumber
    ? "JSON has no such number: write one that there is, or null for an empty cell"
    : undefined;
}

/** What a text is that is no list of objects, told by how it begins. */
export function insteadOfList(file: DataFile, text: string): { readonly problem: string; readonly help: string } {
  const start = text.trimStart();
  const lines = start.split("\n", 64).filter((line) => line.trim() !== "");
  const [first = "", second = ""] = lines;
  if (start.startsWith("{")) {
    if (isObject(first) && second.trimStart().startsWith("{"))
      return { problem: "it has an object a line", help: readBy(file, "jsonl") };
    const [, name, opening] = /^\{\s*"((?:[^"\\]|\\.)*)"\s*:\s*(\{|\[\s*\{|\[)?/.exec(start) ?? [];
    if (opening === "{" || opening === "[")
      return {
        problem: "it is an object of columns, not a list of objects",
        help: 'write an object a row, as `to_json(…, orient="records")` of pandas does',
      };
    if (opening !== undefined)
      return { problem: "it is an object, not a list of objects", help: `write the list in "${name}" by itself` };
    return { problem: "it is one object, not a list of objects", help: "write it as `[{…}, {…}]`, one object a row" };
  }
  const isTable = /^[^[]*[,;\t]/.test(first);
  return {
    problem: "it is not a list of objects",
    help: isTable ? readBy(file, first.includes("\t") ? "tsv" : "csv") : "write it as `[{…}, {…}]`, one object a row",
  };
}

function isObject(line: string): boolean {
  try {
    const value: unknown = parseJson(line);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
