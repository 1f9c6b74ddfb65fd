import type { Span } from "../grammar/tree.ts";
import { compilation } from "./diagnostics/compilation.ts";
import { report, type Diagnostic } from "./diagnostics/diagnostic.ts";
import type { Instruction, Model } from "./ir/model.ts";
import { isKnown } from "./ir/size.ts";
import { modelParameters } from "./lower/parameters.ts";
import { elementCount } from "./graph/graph.ts";
import type { Registry } from "./registry/registry.ts";

/** Numbers that one address space of the engine can hold: parameters, gradients and two optimizer vectors within 4 GB. */
const MOST_PARAMETERS = 2 ** 28;
/** Elements that a tensor may have. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** Sizes that no engine could hold, found before memory is taken. All sizes of the model must be known. */
export function oversized(model: Model, registry: Registry): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const { parameters } = modelParameters(model, registry);
  const sizes = parameters.map(({ name, shape }) => ({ name, size: elementCount(shape) }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  if (total > MOST_PARAMETERS) {
    const largest = sizes.reduce((a, b) => (b.size > a.size ? b : a));
    const owner = parameters.find(({ name }) => name === largest.name)!;
    const at = model.instructions.find(({ path }) => path === owner.path);
    const holes = { parameters: total, limit: MOST_PARAMETERS, largest: largest.name, size: largest.size };
    diagnostics.push(report(compilation.tooManyParameters, holes, { span: at?.span }));
  }
  const batch = Math.max(...model.phases.map((phase) => phase.batch));
  const large = largeTensor(model.instructions, batch);
  if (large !== null) {
    const { path, elements, span } = large;
    diagnostics.push(report(compilation.tensorTooLarge, { value: path, elements, limit: MOST_ELEMENTS }, { span }));
  }
  return diagnostics;
}

/** The first tensor that no engine could index, in chains too. */
function largeTensor(
  instructions: readonly Instruction[],
  batch: number,
): { readonly path: string; readonly elements: number; readonly span?: Span } | null {
  for (const { path, type, span, regions = [] } of instructions) {
    for (const region of regions) {
      const inside = largeTensor(region.instructions, batch);
      if (inside !== null) return inside;
    }
    const elements = type.shape.reduce<number>((product, size) => product * (isKnown(size) ? size : 1), batch);
    if (elements > MOST_ELEMENTS) return { path, elements, span };
  }
  return null;
}
