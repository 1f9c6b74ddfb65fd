import { topologicalOrder } from "../../../compiler/graph/graph.ts";
import type { Graph, Node } from "../../../compiler/graph/graph.ts";
import { VECTOR } from "../engine.ts";
import { code } from "./instructions.ts";
import { encodeModule } from "./module.ts";
import type { ValueType } from "./module.ts";
import { laneOperations } from "./operations.ts";

/** What the one function of a kernel takes and gives, in order: (length, vectors' addresses …, scalars …) -> sums. */
export interface KernelText {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Inputs and outputs that are vectors: each has an address in bytes. */
  readonly vectors: readonly { readonly role: "input" | "output"; readonly name: string }[];
  /** Inputs that are scalars. */
  readonly scalars: readonly string[];
  /** Outputs that are sums over a vector, or scalars computed from scalars. */
  readonly results: readonly string[];
}

const isVector = (node: Node) => node.type.shape.length > 0;

/** Groups of four elements in a round of the first loop: enough that sums do not wait for one another. */
const GROUPS = 4;

/**
 * Writes the kernel of an element-by-element graph: scalars are computed once, then a loop takes sixteen elements at a time,
 * one the groups of four that are left and one the last three elements, so that nothing beyond the length is touched. Of a
 * group everything is read before anything is written: an output may lie where an input lies. Sums run in float64.
 */
export function compileText(graph: Graph): KernelText {
  const order = topologicalOrder(graph.outputs.values());
  const sums = [...graph.outputs].filter(([, node]) => node.operation === "sum");
  const plain = [...graph.outputs].filter(([, node]) => node.operation !== "sum");
  const scalarResults = plain.filter(([, node]) => !isVector(node));
  const vectorResults = plain.filter(([, node]) => isVector(node));
  for (const node of order) check(node, graph);

  const used = new Set(order);
  const inputs = graph.inputs.filter(({ node }) => used.has(node));
  const vectorInputs = inputs.filter(({ node }) => isVector(node));
  const scalarInputs = inputs.filter(({ node }) => !isVector(node));

  const parameters: ValueType[] = [
    "i32",
    ...[...vectorInputs, ...vectorResults].map((): ValueType => "i32"),
    ...scalarInputs.map((): ValueType => "f32"),
  ];
  const locals: ValueType[] = [];
  const local = (type: ValueType) => parameters.length + locals.push(type) - 1;
  const LENGTH = 0;
  const offset = local("i32");
  const end = local("i32");

  const inputPlaces = new Map(vectorInputs.map(({ node }, k) => [node, 1 + k]));
  const scalarPlaces = new Map(
    scalarInputs.map(({ node }, k) => [node, 1 + vectorInputs.length + vectorResults.length + k]),
  );
  const lanes = new Map<Node, number>();
  for (const node of order) if (node.operation !== "sum") lanes.set(node, local("v128"));
  const read = (node: Node) => code.get(lanes.get(node)!);

  const compute = (node: Node): readonly number[] => {
    if (node.operation === "input") return [...code.get(scalarPlaces.get(node)!), ...code.f32x4Splat];
    return laneOperations[node.operation](node, node.inputs.map(read));
  };
  const store = (node: Node, bytes: readonly number[]) => [...bytes, ...code.set(lanes.get(node)!)];
  const address = (place: number) => [...code.get(place), ...code.get(offset), ...code.i32Add];

  const summed = sums.map(([name, node]) => ({
    name,
    vector: node.inputs[0],
    /** The lower and the upper two lanes of each group. */
    groups: Array.from({ length: GROUPS }, () => ({ low: local("v128"), high: local("v128") })),
    rest: local("f64"),
  }));

  const round = (load: readonly number[], write: readonly number[], addUp: readonly number[]) => [
    ...vectorInputs.flatMap(({ node }) => store(node, [...address(inputPlaces.get(node)!), ...load])),
    ...order
      .filter((node) => isVector(node) && node.operation !== "input")
      .flatMap((node) => store(node, compute(node))),
    ...vectorResults.flatMap(([, node], k) => [...address(1 + vectorInputs.length + k), ...read(node), ...write]),
    ...addUp,
  ];
  const loop = (count: readonly number[], step: number, body: readonly number[]) => [
    ...count,
    ...code.i32Const(2),
    ...code.i32Shl,
    ...code.set(end),
    ...code.block,
    ...code.loop,
    ...[...code.get(offset), ...code.get(end), ...code.i32GeU, ...code.brIf(1)],
    ...body,
    ...[...code.get(offset), ...code.i32Const(step), ...code.i32Add, ...code.set(offset), ...code.br(0)],
    ...code.end,
    ...code.end,
  ];
  const addFour = (group: number) =>
    summed.flatMap(({ vector, groups }) => {
      const { low, high } = groups[group];
      return [
        ...[...code.get(low), ...read(vector), ...code.f64x2PromoteLowF32x4, ...code.f64x2Add, ...code.set(low)],
        ...[...code.get(high), ...read(vector), ...read(vector), ...code.upperHalf],
        ...[...code.f64x2PromoteLowF32x4, ...code.f64x2Add, ...code.set(high)],
      ];
    });
  const four = (group: number) => round(code.v128Load(16 * group), code.v128Store(16 * group), addFour(group));
  const addOne = summed.flatMap(({ vector, rest }) => [
    ...[...code.get(rest), ...read(vector), ...code.f32x4ExtractLane0, ...code.f64PromoteF32],
    ...[...code.f64Add, ...code.set(rest)],
  ]);

  const body = [
    ...order
      .filter((node) => !isVector(node) && node.operation !== "sum")
      .flatMap((node) => store(node, compute(node))),
    ...loop(
      [...code.get(LENGTH), ...code.i32Const(-4 * GROUPS), ...code.i32And],
      16 * GROUPS,
      Array.from({ length: GROUPS }, (_, group) => four(group)).flat(),
    ),
    ...loop([...code.get(LENGTH), ...code.i32Const(-4), ...code.i32And], 16, four(0)),
    ...loop(code.get(LENGTH), 4, round(code.v128Load32Zero, code.v128Store32Lane0, addOne)),
    ...summed.flatMap(({ groups, rest }) => {
      const [{ low: total }, ...others] = groups;
      const parts = [groups[0].high, ...others.flatMap(({ low, high }) => [low, high])];
      return [
        ...parts.flatMap((part) => [...code.get(total), ...code.get(part), ...code.f64x2Add, ...code.set(total)]),
        ...[...code.get(total), ...code.f64x2ExtractLane(0), ...code.get(total), ...code.f64x2ExtractLane(1)],
        ...[...code.f64Add, ...code.get(rest), ...code.f64Add, ...code.f32DemoteF64],
      ];
    }),
    ...scalarResults.flatMap(([, node]) => [...read(node), ...code.f32x4ExtractLane0]),
  ];

  const results = [...sums, ...scalarResults].map(([name]) => name);
  return {
    bytes: encodeModule({ name: "run", parameters, results: results.map(() => "f32"), locals, body }),
    vectors: [
      ...vectorInputs.map(({ name }) => ({ role: "input" as const, name })),
      ...vectorResults.map(([name]) => ({ role: "output" as const, name })),
    ],
    scalars: scalarInputs.map(({ name }) => name),
    results,
  };
}

function check(node: Node, graph: Graph): void {
  const { operation, type, inputs } = node;
  const outputs = new Set(graph.outputs.values());
  const refuse = (why: string): never => {
    throw new Error(`a vector program cannot hold ${operation}: ${why}`);
  };
  if (type.shape.length > 1 || (type.shape.length === 1 && type.shape[0] !== VECTOR)) {
    refuse(`its shape is [${type.shape.join(", ")}], and vectors have length ${VECTOR}`);
  }
  if (inputs.some((input) => input.operation === "sum")) refuse("it reads a sum, and sums are results only");
  if (operation === "sum") {
    if (!outputs.has(node)) refuse("it is no result");
    if (type.shape.length !== 0 || !isVector(inputs[0])) refuse("it should take a vector to a scalar");
  } else if (operation === "input") {
    if (type.element !== "f32") refuse(`an input should be f32, and is ${type.element}`);
  } else if (!Object.hasOwn(laneOperations, operation)) {
    refuse("it is not element by element");
  }
  if (outputs.has(node) && type.element !== "f32") refuse(`a result should be f32, and is ${type.element}`);
}
