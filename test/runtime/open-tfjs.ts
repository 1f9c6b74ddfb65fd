import type { Engine } from "../../runtime/engines/engine.ts";
import { openEngine } from "../../runtime/engines/index.ts";

/** The engine that tests of TensorFlow.js run on: plain JavaScript, or the one that `MTLC_TEST_ENGINE` names. */
export function openTfjs(): Promise<Engine> {
  return openEngine({ engine: process.env["MTLC_TEST_ENGINE"] ?? "tfjs", device: process.env["MTLC_TEST_DEVICE"] });
}
