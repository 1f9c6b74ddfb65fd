import type { Engine } from "../../runtime/engines/engine.ts";
import { openEngine } from "../../runtime/engines/index.ts";

/** The engine under test: plain TensorFlow.js, or what `MTLC_TEST_ENGINE` and `MTLC_TEST_DEVICE` name. */
export function openTested(): Promise<Engine> {
  return openEngine({ engine: process.env["MTLC_TEST_ENGINE"] ?? "tfjs", device: process.env["MTLC_TEST_DEVICE"] });
}
