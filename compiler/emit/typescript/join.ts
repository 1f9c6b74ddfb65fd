import type { FunctionDescription } from "./description.ts";
import type { Site, Use } from "./sites.ts";

/** Layers that take any number of tensors: their function takes a list, and each call brings its tensors to one rank. */

/** Whether a site's layer joins any number of tensors. */
export function isJoin({ row, uses: [use] }: Site): boolean {
  return (
    row.operands.max === Number.POSITIVE_INFINITY &&
    row.parameters === undefined &&
    use.inputTypes.length > 1 &&
    use.inputTypes.every((type) => type.batch !== false)
  );
}

/** The arguments of such a call: a tensor without an axis of channels gets one. Null for other layers. */
export function joinCode(site: Site, operands: readonly string[]): readonly string[] | null {
  if (!isJoin(site)) return null;
  const [use] = site.uses;
  return operands.map((code, k) => (isLower(use, k) ? `${code}.expandDims(-1)` : code));
}

function isLower(use: Use, k: number): boolean {
  return use.inputTypes[k].shape.length < use.outputType.shape.length;
}

/** The site with its first two tensors, brought to one rank: what its function is written from. */
export function pairOf(site: Site): Site {
  if (!isJoin(site)) return site;
  const uses = site.uses.map((use): Use => {
    const inputTypes = use.inputTypes
      .map((type, k) => (isLower(use, k) ? { ...type, shape: [...type.shape, 1], axes: undefined } : type))
      .slice(0, 2);
    const width = inputTypes.reduce((sum, { shape }) => sum + (shape.at(-1) ?? 1), 0);
    return {
      ...use,
      inputTypes,
      outputType: { ...use.outputType, shape: [...use.outputType.shape.slice(0, -1), width] },
    };
  });
  return { ...site, uses };
}

/** The function of two tensors as one of any number of them. */
export function ofMany(described: FunctionDescription): FunctionDescription {
  const statements = described.statements.map(({ code }) => ({ code: code.replace("[x, y]", "parts") }));
  const reads =
    statements.some(({ code }) => /\b[xy]\b/.test(code)) || !statements.some(({ code }) => code.includes("parts"));
  if (reads) throw new Error(`${described.name} treats its first tensors apart from the others`);
  return { ...described, statements, parameters: [{ name: "...parts", type: "tf.Tensor[]" }] };
}
