import { keyCode } from "./names.ts";

/** Plain data as TypeScript; what is undefined is left out. */
export function literalCode(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literalCode).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return entries.length === 0
      ? "{}"
      : `{ ${entries.map(([key, each]) => `${keyCode(key)}: ${literalCode(each)}`).join(", ")} }`;
  }
  return JSON.stringify(value ?? null);
}
