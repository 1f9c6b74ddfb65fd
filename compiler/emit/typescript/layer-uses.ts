import { elementCount } from "../../graph/graph.ts";
import type { ConcreteType, LayerRow } from "../../registry/layer.ts";
import { ShapeProblem } from "../../registry/layer.ts";
import type { Quantity } from "./formula.ts";
import { camelCase, capital, letters } from "./names.ts";
import { otherSettings, type ExposedSetting } from "./settings.ts";
import type { Use } from "./sites.ts";
import { accessCode, type WeightTree } from "./weight-paths.ts";

/** What the function of a layer calls its tensors, weights and sizes; a use of it at other sizes. */

/** Sizes of axes that source can name: of the tensors that come in, then of the weights. */
export function axisQuantities(uses: readonly Use[], tree: WeightTree): Quantity[] {
  const [first] = uses;
  const axes = (code: string, shapes: readonly (readonly number[])[]): Quantity[] => {
    // Where ranks differ no axis has a place of its own.
    if (shapes.some((shape) => shape.length !== shapes[0].length)) return [];
    const each = shapes[0].map((_, axis): Quantity => {
      const values = shapes.map((shape) => shape[axis]);
      return { code: `${code}.shape[${axis}]`, kind: "size", values };
    });
    return [...each, { code: `${code}.size`, kind: "size", values: shapes.map(elementCount) }];
  };
  const operands = first.inputTypes.flatMap(({ batch }, k) =>
    axes(
      operandName(first, k),
      uses.map((use) => [...(batch === false ? [] : [use.batch]), ...use.inputTypes[k].shape]),
    ),
  );
  const parameters = first.parameters.flatMap((info, k) =>
    axes(
      parameterCode(keyOf(info.name, first), first, tree),
      uses.map((use) => use.parameters[k]?.shape ?? []),
    ),
  );
  return [...operands, ...parameters];
}

/** The use at other sizes of its axes: what does not follow from those that source can name comes to light. */
export function otherSizes(row: LayerRow, use: Use): Use[] {
  if (row.chains) return [];
  const known = new Set(use.inputTypes.flatMap(({ shape }) => shape).filter((size) => size > 1));
  const other = new Map([...known].sort((a, b) => a - b).map((size, k) => [size, size * (k + 2)]));
  // The axes of one tensor are apart from each other; several tensors have some in common.
  const change = (size: number, axis: number): number =>
    use.inputTypes.length > 1 || size === 1 ? (other.get(size) ?? size) : size * (axis + 2);
  const inputTypes = use.inputTypes.map((type) => ({ ...type, shape: type.shape.map(change) }));
  return retyped(row, { ...use, inputTypes });
}

export function otherSettingsOf(row: LayerRow, use: Use, exposed: readonly ExposedSetting[]): Use[] {
  const settings = row.chains ? null : otherSettings(row.settings, exposed, use.instruction.settings);
  return settings === null ? [] : retyped(row, { ...use, instruction: { ...use.instruction, settings } });
}

/** The use with the result and the parameters that its inputs and settings lead to; none where they lead to nothing. */
function retyped(row: LayerRow, use: Use): Use[] {
  const { settings, path } = use.instruction;
  try {
    const { element, shape, axes, batch } = row.shape({ settings, inputs: use.inputTypes, chains: [] });
    const outputType: ConcreteType = {
      element,
      shape: shape.map(Number),
      ...(axes && { axes }),
      ...(batch === false && { batch }),
    };
    if (outputType.shape.some((size) => !Number.isInteger(size))) return [];
    const specs = row.parameters?.({ settings, inputs: use.inputTypes, output: outputType }) ?? {};
    const states = row.states?.({ settings, inputs: use.inputTypes, output: outputType }) ?? {};
    const owner = use.instruction.owner;
    return [
      {
        ...use,
        outputType,
        parameters: Object.entries(specs).map(([key, spec]) => ({ ...spec, name: `${path}.${key}`, owner, path, key })),
        states: Object.entries(states).map(([key, spec]) => ({ ...spec, name: `${path}.${key}`, owner, path, key })),
      },
    ];
  } catch (error) {
    if (error instanceof ShapeProblem) return [];
    throw error;
  }
}

export function keyOf(name: string, use: Use): string {
  return name.slice(use.instruction.path.length + 1);
}

/** `x`, `y`, `z` for numbers, `codes` for codes. */
export function operandName({ inputTypes }: Use, k: number): string {
  if (inputTypes[k].element === "i32") return "codes";
  const names = ["x", "y", "z"];
  return names[k] ?? `x${k}`;
}

/** Weights stand by themselves where all of them have plain names, else below `weights`. */
export function isFlat({ parameters, states, instruction }: Use): boolean {
  const isPlain = ({ name }: { readonly name: string }): boolean =>
    !name.slice(instruction.path.length + 1).includes(".");
  return parameters.every(isPlain) && states.every(isPlain);
}

function parameterCode(key: string, use: Use, tree: WeightTree): string {
  const { path } = use.instruction;
  return isFlat(use) ? camelCase(key) : accessCode(tree, `${path}.${key}`, "weights", tree.cut(path).length);
}

export function givenCode(
  name: string,
  use: Use,
  tree: WeightTree,
  result: (output: string) => string,
  shape: () => string,
): string {
  const [kind, ...rest] = name.split("/");
  const key = rest.join("/");
  switch (kind) {
    case "operand":
      return operandName(use, Number(key));
    case "parameter":
    case "state":
      return parameterCode(key, use, tree);
    case "mask":
      return maskName(key, use);
    case "shift":
    case "factor":
      // Only what stands in place reads a scale, and is no function.
      return kind;
    case "random":
      return `draw(${JSON.stringify(key)}, ${shape()})`;
    case "chain":
      return `${chainName(Number(rest[0]), use)}(${result(`argument/${key}`)})`;
    default:
      throw new Error(`a layer reads ${name}`);
  }
}

export function chainName(index: number, { instruction }: Use): string {
  const places = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
  return (instruction.regions?.length ?? 0) === 1 ? "chain" : `${places[index] ?? `further${letters(index)}`}Chain`;
}

/** Token axes are named after the tensor whose padding they tell. */
export function maskName(axis: string, { inputTypes }: Use): string {
  const axes = new Set(inputTypes.flatMap((type) => type.axes ?? []).filter((each) => each !== null));
  if (axes.size < 2) return "mask";
  const operand = inputTypes.findIndex((type) => type.axes?.includes(axis));
  return `mask${capital(["x", "y", "z"][operand] ?? "x")}`;
}
