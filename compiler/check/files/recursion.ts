import { elaborate } from "../network/expressions.ts";
import { applyStep } from "../network/steps.ts";
import type { Recursion } from "../context/context.ts";
import { readValue } from "../settings/values.ts";

/** What stands within itself, as the parts of the checker reach it through their context. */
export const recursion: Recursion = { elaborate, step: applyStep, value: readValue };
