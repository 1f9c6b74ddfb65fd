import { afterAll } from "vitest";
import { openEngine } from "../../runtime/engines/index.ts";
import { testOperations } from "./operations-on-engine.ts";

const engine = await openEngine({ engine: "onnx", threads: 1 });
afterAll(() => engine.close());

testOperations(engine);
