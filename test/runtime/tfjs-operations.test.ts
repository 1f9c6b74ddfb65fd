import { afterAll } from "vitest";
import { openTfjs } from "./open-tfjs.ts";
import { testOperations } from "./operations-on-engine.ts";

const engine = await openTfjs();
afterAll(() => engine.close());

testOperations(engine, { differences: false });
