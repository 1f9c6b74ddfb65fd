import type { Graph } from "../../compiler/graph/graph.ts";
import type { Engine } from "../../runtime/engines/engine.ts";

/** Runs a graph once on an engine, with values by name; bool as 0 and 1. */
export async function runGraph(
  engine: Engine,
  graph: Graph,
  values: Readonly<Record<string, ArrayLike<number>>>,
): Promise<Record<string, number[]>> {
  const inputs = Object.fromEntries(
    graph.inputs.map(({ name, node }) => {
      const buffer = engine.buffer(node.type);
      buffer.host.set(values[name]);
      buffer.upload();
      return [name, buffer];
    }),
  );
  const outputs = Object.fromEntries([...graph.outputs].map(([name, node]) => [name, engine.buffer(node.type)]));
  const program = await engine.prepare(graph);
  try {
    await program.bind(inputs, outputs)();
    for (const buffer of Object.values(outputs)) await buffer.download();
  } finally {
    await program.close();
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, { host }]) => [name, Array.from(host)]));
}
