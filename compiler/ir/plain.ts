import type { Model } from "./model.ts";

/** Fields whose content is the user's own: keys in them mean nothing here. */
const opaque: ReadonlySet<string> = new Set(["settings", "rates", "choices", "chosen"]);

/**
 * The same model without what is no part of its meaning: spans, absent fields that are written as `undefined`, and
 * marks of a type that say what holds without them (axes that all are null). `parseModel` gives models in this form, so
 * two models mean the same if their plain forms are deeply equal.
 */
export function plainModel(model: Model): Model {
  return plain(model);
}

function plain<T>(value: T): T;
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => plain(each));
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([key, each]) => !isSilent(key, each));
  return Object.fromEntries(kept.map(([key, each]) => [key, opaque.has(key) ? each : plain(each)]));
}

/** Whether a field says nothing. */
function isSilent(key: string, value: unknown): boolean {
  if (value === undefined || key === "span" || key === "spans") return true;
  if (key === "axes") return Array.isArray(value) && value.every((axis) => axis === null);
  return (key === "perTask" && value === false) || (key === "batch" && value === true);
}
