import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { memoryNotHad } from "../../compiler/diagnostics/engines.ts";
import { topologicalOrder, type Graph } from "../../compiler/graph/graph.ts";
import { memoryOfMachine } from "../memory.ts";
import { bytesOf } from "./memory.ts";

/**
 * Systems promise more memory than there is and end the program that takes it, so what cannot fit is refused before it is
 * asked for. Operands and result of these operations lie in memory at once, whatever an engine does.
 */
const together: ReadonlySet<string> = new Set([
  ...["matmul", "conv2d", "conv2dInputGradient", "conv2dKernelGradient"],
  ...["maxPool2d", "maxPool2dGradient", "maxPool2dPick", "sumPool2d", "sumPool2dGradient"],
  ...["gather", "scatterAdd", "softmax", "layerNorm"],
]);

/** Bytes that a run of the graph needs at the least. */
export function leastMemory(graph: Graph): number {
  let most = 0;
  for (const { operation, inputs, type } of topologicalOrder(graph.outputs.values())) {
    if (!together.has(operation)) continue;
    const operands = [...new Set(inputs)].reduce((sum, input) => sum + bytesOf(input.type), 0);
    most = Math.max(most, operands + bytesOf(type));
  }
  return most;
}

/** Throws a DiagnosticError where a run of the graph cannot fit. */
export function checkMemory(graph: Graph, available = memoryOfMachine()): void {
  const bytes = leastMemory(graph);
  if (bytes <= available) return;
  throw new DiagnosticError([report(memoryNotHad, { bytes }, { help: "a smaller `batch` needs less" })]);
}
