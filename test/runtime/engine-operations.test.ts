import { afterAll } from "vitest";
import { openTested } from "./open-tested.ts";
import { testOperations } from "./operations-on-engine.ts";

const engine = await openTested();
afterAll(() => engine.close());

testOperations(engine, { differences: false });
