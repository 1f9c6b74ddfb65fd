import { isOperationName, operationRows, type OperationName } from "../operations/index.ts";
import { numberOf, type Attributes } from "./attributes.ts";
import { TypeProblem, type Builder } from "./builder.ts";
import { topologicalOrder, type GraphInput, type Node, type TensorType } from "./graph.ts";
import { closeBody } from "./scan-body.ts";
import { broadcastShapes, normalAxes, normalAxis, sameShape } from "./shape.ts";

/** A builder over the rows of `compiler/operations`: checks types, keeps origins, closes the bodies of loops. */
export function createBuilder(): Builder {
  let nextId = 0;
  let origin: string | undefined;
  const inputs = new Map<string, Node>();

  function make(operation: string, from: readonly Node[], attributes: Attributes, types: readonly TensorType[]): Node {
    const node = { id: nextId++, operation, inputs: from, attributes, type: types[0] };
    return { ...node, ...(types.length > 1 && { results: types }), ...(origin !== undefined && { origin }) };
  }

  function apply(operation: string, from: readonly Node[], attributes: Attributes): Node {
    if (operation === "result") {
      const index = numberOf(attributes, "index");
      const types = from[0].results ?? [from[0].type];
      if (!(index in types)) throw new TypeProblem("result", `${index} of ${types.length}`);
      return make("result", from, attributes, [types[index]]);
    }
    if (!isOperationName(operation)) throw new TypeProblem(operation, "no such operation");
    const types = operationRows[operation].types(
      from.map((node) => node.type),
      attributes,
    );
    return make(operation, from, attributes, types);
  }

  /** One value everywhere stays one value everywhere, if the row allows the new shape. */
  function refilled(operation: OperationName, x: Node, shape: readonly number[]): Node {
    operationRows[operation].types([x.type], { shape });
    return apply("fill", [], { value: numberOf(x.attributes, "value"), shape });
  }

  const unary = (operation: string) => (x: Node) => apply(operation, [x], {});
  const binary = (operation: string) => (a: Node, b: Node) => apply(operation, stretched(operation, a, b), {});
  const reduction = (operation: string) => (x: Node, axes?: readonly number[], keep?: boolean) =>
    apply(operation, [x], { axes: normalAxes(operation, axes, x.type.shape.length), keep: keep ?? false });

  const builder: Builder = {
    input(name, type) {
      if (inputs.has(name)) throw new TypeProblem("input", `${name} is there already`);
      const node = make("input", [], { name }, [type]);
      inputs.set(name, node);
      return node;
    },
    constant(values, type) {
      const list = typeof values === "number" ? Float64Array.of(values) : Float64Array.from(values);
      const shape = type?.shape ?? (typeof values === "number" ? [] : [list.length]);
      return apply("constant", [], { values: list, element: type?.element ?? "f32", shape });
    },
    fill: (value, shape) => apply("fill", [], { value, shape }),
    iota: (n) => apply("iota", [], { n }),

    neg: unary("neg"),
    exp: unary("exp"),
    expm1: unary("expm1"),
    log: unary("log"),
    log1p: unary("log1p"),
    sqrt: unary("sqrt"),
    reciprocal: unary("reciprocal"),
    square: unary("square"),
    abs: unary("abs"),
    sign: unary("sign"),
    floor: unary("floor"),
    tanh: unary("tanh"),
    sigmoid: unary("sigmoid"),
    softplus: unary("softplus"),
    erf: unary("erf"),
    relu: unary("relu"),
    not: unary("not"),
    cast: (x, element) => (x.type.element === element ? x : apply("cast", [x], { element })),

    add: binary("add"),
    sub: binary("sub"),
    mul(a, b) {
      if (isOnesFor(a, b)) return a;
      if (isOnesFor(b, a)) return b;
      return apply("mul", stretched("mul", a, b), {});
    },
    div: binary("div"),
    pow: binary("pow"),
    maximum: binary("maximum"),
    minimum: binary("minimum"),
    greater: binary("greater"),
    greaterEqual: binary("greaterEqual"),
    equal: binary("equal"),
    and: binary("and"),
    or: binary("or"),
    select: (condition, a, b) => apply("select", [condition, a, b], {}),

    sum: (x, axes, keep) => (axes?.length === 0 ? x : reduction("sum")(x, axes, keep)),
    mean: reduction("mean"),
    max: reduction("max"),
    min: reduction("min"),
    argmax: (x, axis) => apply("argmax", [x], { axis: normalAxis("argmax", axis, x.type.shape.length) }),

    reshape(x, shape) {
      if (sameShape(x.type.shape, shape)) return x;
      if (x.operation === "fill") return refilled("reshape", x, shape);
      const source = x.operation === "reshape" ? x.inputs[0] : x;
      return sameShape(source.type.shape, shape) ? source : apply("reshape", [source], { shape });
    },
    transpose: (x, permutation) =>
      permutation.every((axis, k) => axis === k) && permutation.length === x.type.shape.length
        ? x
        : apply("transpose", [x], { permutation }),
    broadcast(x, shape) {
      if (sameShape(x.type.shape, shape)) return x;
      return x.operation === "fill" ? refilled("broadcast", x, shape) : apply("broadcast", [x], { shape });
    },
    concat(parts, axis) {
      if (parts.length === 1) return parts[0];
      return apply("concat", parts, { axis: normalAxis("concat", axis, parts[0]?.type.shape.length ?? 0) });
    },
    slice(x, begin, size, strides) {
      if (strides === undefined && sameShape(x.type.shape, size)) return x;
      return apply("slice", [x], { begin, size, strides: strides ?? size.map(() => 1) });
    },
    pad: (x, before, after, value = 0) =>
      [...before, ...after].every((n) => n === 0) && before.length === x.type.shape.length
        ? x
        : apply("pad", [x], { before, after, value }),
    reverse: (x, axis) => apply("reverse", [x], { axis: normalAxis("reverse", axis, x.type.shape.length) }),

    gather: (table, indices) => apply("gather", [table, indices], {}),
    scatterAdd: (indices, updates, rows) => apply("scatterAdd", [indices, updates], { rows }),
    pick: (x, indices) => apply("pick", [x, indices], {}),
    place: (values, indices, n) => apply("place", [values, indices], { n }),

    matmul: (a, b, options) =>
      apply("matmul", [a, b], {
        transposeA: options?.transposeA ?? false,
        transposeB: options?.transposeB ?? false,
      }),
    conv2d: (x, kernel, attributes) => apply("conv2d", [x, kernel], { ...attributes }),
    conv2dInputGradient: (dy, kernel, inputShape, attributes) =>
      apply("conv2dInputGradient", [dy, kernel], { ...attributes, inputShape }),
    conv2dKernelGradient: (x, dy, kernelShape, attributes) =>
      apply("conv2dKernelGradient", [x, dy], { ...attributes, kernelShape }),
    maxPool2d: (x, attributes) => apply("maxPool2d", [x], { ...attributes }),
    maxPool2dGradient: (x, dy, attributes) => apply("maxPool2dGradient", [x, dy], { ...attributes }),
    maxPool2dPick: (x, values, attributes) => apply("maxPool2dPick", [x, values], { ...attributes }),
    sumPool2d: (x, attributes) => apply("sumPool2d", [x], { ...attributes }),
    sumPool2dGradient: (dy, inputShape, attributes) => apply("sumPool2dGradient", [dy], { ...attributes, inputShape }),

    softmax: unary("softmax"),
    logSoftmax: unary("logSoftmax"),
    logSumExp: unary("logSumExp"),
    softmaxCrossEntropy: (logits, labels) => apply("softmaxCrossEntropy", [logits, labels], {}),
    sigmoidCrossEntropy: (logits, targets) => apply("sigmoidCrossEntropy", [logits, targets], {}),
    layerNorm: (x, scale, offset, epsilon) => apply("layerNorm", [x, scale, offset], { epsilon }),
    gelu: (x, approximate) => apply("gelu", [x], { approximate: approximate ?? false }),
    stopGradient: unary("stopGradient"),
    scaleGradient: (x, factor) => apply("scaleGradient", [x], { factor }),

    scan(initial, sequences, body, options) {
      if (sequences.some(({ type }) => type.shape.length === 0))
        throw new TypeProblem("scan", "a sequence is a scalar");
      const first = nextId;
      const carries = initial.map(({ type }, k) => make("input", [], { name: `carry${k}` }, [type]));
      const elements = sequences.map(({ type }, k) =>
        make("input", [], { name: `element${k}` }, [{ element: type.element, shape: type.shape.slice(1) }]),
      );
      const step = body(carries, elements);
      if (step.carries.length !== initial.length)
        throw new TypeProblem("scan", `${initial.length} carries went in, ${step.carries.length} came out`);
      const closed = closeBody(first, [...carries, ...elements], step, (node, from) => {
        const types = node.results ?? [node.type];
        return { ...make(node.operation, from, node.attributes, types), origin: node.origin };
      });
      const loop = apply("scan", [...initial, ...sequences, ...closed.outside], {
        body: closed.body,
        carries: initial.length,
        sequences: sequences.length,
        reverse: options?.reverse ?? false,
      });
      const result = (index: number): Node => apply("result", [loop], { index });
      return {
        carries: initial.map((_, k) => result(k)),
        outputs: step.outputs.map((_, k) => result(initial.length + k)),
      };
    },

    apply,
    within(part, make) {
      const before = origin;
      origin = part;
      try {
        return make();
      } finally {
        origin = before;
      }
    },
    finish(outputs) {
      const results = new Map(outputs instanceof Map ? outputs : Object.entries(outputs));
      const reached: GraphInput[] = [];
      for (const node of topologicalOrder(results.values())) {
        if (node.operation !== "input") continue;
        const { name } = node.attributes;
        if (typeof name !== "string" || inputs.get(name) !== node)
          throw new TypeProblem("finish", "a node from the body of a loop, or of another builder");
        reached.push({ name, node });
      }
      return { inputs: reached, outputs: results };
    },
  };
  return builder;
}

/** An operand that was stretched by hand goes in as it was, where the operation would stretch it anyway. */
function stretched(operation: string, a: Node, b: Node): [Node, Node] {
  if (a.operation !== "broadcast" && b.operation !== "broadcast") return [a, b];
  const together = (x: Node, y: Node): number[] => broadcastShapes(operation, [x.type.shape, y.type.shape]);
  const shape = together(a, b);
  const shorter = (x: Node, other: Node): Node =>
    x.operation === "broadcast" && sameShape(together(x.inputs[0], other), shape) ? x.inputs[0] : x;
  const left = shorter(a, b);
  return [left, shorter(b, left)];
}

/** Whether `factor` leaves `x` as it is in a product. */
function isOnesFor(x: Node, factor: Node): boolean {
  return (
    isOnes(factor) &&
    x.type.element === factor.type.element &&
    sameShape(broadcastShapes("mul", [x.type.shape, factor.type.shape]), x.type.shape)
  );
}

function isOnes({ operation, attributes }: Node): boolean {
  if (operation === "fill") return attributes.value === 1;
  const { values } = attributes;
  return operation === "constant" && values instanceof Float64Array && values.length === 1 && values[0] === 1;
}
