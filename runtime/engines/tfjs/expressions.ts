import type { Tensor } from "@tensorflow/tfjs";
import {
  DTYPES,
  type Argument,
  type Constant,
  type Expression,
  type Literal,
} from "../../../compiler/emit/tfjs/index.ts";
import { Arguments, type Given, type Tfjs } from "./arguments.ts";
import { functions } from "./functions.ts";

/** Computes an expression from the tensors of its operands. Every tensor that it makes on the way goes into `made`. */
export type Evaluate = (operands: readonly Tensor[], made: Tensor[]) => Tensor;

/** Tensors that live as long as a program: its constants. */
export interface Constants {
  of(constant: Constant): Tensor;
  dispose(): void;
}

export function constantsOf(tf: Tfjs): Constants {
  const known = new Map<string, Tensor>();
  const others: Tensor[] = [];
  return {
    of(constant) {
      const { element, shape, values } = constant;
      if (typeof values !== "number") {
        const tensor = tf.tensor(arrayOf(constant, values), [...shape], DTYPES[element]);
        others.push(tensor);
        return tensor;
      }
      const key = `${element} ${shape.join()} ${Object.is(values, -0) ? "-0" : values}`;
      const tensor = known.get(key) ?? tf.fill([...shape], values, DTYPES[element]);
      known.set(key, tensor);
      return tensor;
    },
    dispose() {
      for (const tensor of [...known.values(), ...others]) tensor.dispose();
      known.clear();
      others.length = 0;
    },
  };
}

function arrayOf({ element }: Constant, values: Float64Array): Float32Array | Int32Array | Uint8Array {
  switch (element) {
    case "f32":
      return new Float32Array(values);
    case "i32":
      return new Int32Array(values);
    case "bool":
      return new Uint8Array(values);
    default:
      throw new Error(`no array for ${element satisfies never}`);
  }
}

/** Prepares an expression once, so that each run only calls functions. */
export function prepareExpression(tf: Tfjs, expression: Expression, constants: Constants): Evaluate {
  // One closure for each object: what stands in two places is computed by the first that comes to it.
  const prepared = new Map<Expression, Evaluate>();
  const places = new Map<Expression, number>();
  const count = (at: Expression): void => {
    places.set(at, (places.get(at) ?? 0) + 1);
    if (places.get(at) === 1) for (const inner of innerOf(at)) count(inner);
  };
  count(expression);
  let run = 0;

  const prepare = (at: Expression): Evaluate => {
    const known = prepared.get(at);
    if (known) return known;
    const evaluate = fresh(at);
    const wanted = at.kind === "call" || at.kind === "kernel" ? places.get(at)! : 1;
    const shared = wanted > 1 ? once(evaluate, () => run) : evaluate;
    prepared.set(at, shared);
    return shared;
  };

  const fresh = (at: Expression): Evaluate => {
    switch (at.kind) {
      case "operand":
        return (operands) => operands[at.index];
      case "constant": {
        const tensor = constants.of(at);
        return () => tensor;
      }
      case "call": {
        const list = at.arguments.map(prepareArgument);
        const compute = functions[at.name];
        return (operands, made) => {
          const tensor = compute(tf, new Arguments(list.map((argument) => argument(operands, made))));
          made.push(tensor);
          return tensor;
        };
      }
      case "kernel": {
        const inputs = Object.entries(at.inputs).map(([name, input]) => [name, prepare(input)] as const);
        const attributes = Object.fromEntries(
          Object.entries(at.attributes).map(([name, literal]) => [name, attributeOf(literal)]),
        );
        return (operands, made) => {
          const given = Object.fromEntries(inputs.map(([name, input]) => [name, input(operands, made)]));
          const result = tf.engine().runKernel(at.name, given, attributes);
          if (Array.isArray(result)) throw new Error(`the kernel ${at.name} has several results`);
          made.push(result);
          return result;
        };
      }
      default:
        throw new Error(`no such expression ${String(at satisfies never)}`);
    }
  };

  const prepareArgument = (argument: Argument): ((operands: readonly Tensor[], made: Tensor[]) => Given) => {
    switch (argument.kind) {
      case "operand":
      case "constant":
      case "call":
      case "kernel":
        return prepare(argument);
      case "tensors": {
        const items = argument.items.map(prepare);
        return (operands, made) => items.map((item) => item(operands, made));
      }
      default: {
        const literal = literalOf(tf, argument);
        return () => literal;
      }
    }
  };

  const root = prepare(expression);
  return (operands, made) => {
    run += 1;
    return root(operands, made);
  };
}

function once(evaluate: Evaluate, run: () => number): Evaluate {
  let last = 0;
  let tensor: Tensor | undefined;
  return (operands, made) => {
    if (tensor === undefined || last !== run()) {
      last = run();
      tensor = evaluate(operands, made);
    }
    return tensor;
  };
}

function innerOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "operand":
    case "constant":
      return [];
    case "kernel":
      return Object.values(expression.inputs);
    case "call":
      return expression.arguments.flatMap((argument) => {
        switch (argument.kind) {
          case "tensors":
            return argument.items;
          case "operand":
          case "constant":
          case "call":
          case "kernel":
            return [argument];
          default:
            return [];
        }
      });
    default:
      throw new Error(`no such expression ${String(expression satisfies never)}`);
  }
}

function literalOf(tf: Tfjs, literal: Literal): Given {
  switch (literal.kind) {
    case "number":
    case "flag":
    case "text":
      return literal.value;
    case "member":
      return tf[literal.of][literal.name];
    case "shape":
      return literal.sizes;
    case "numbers":
    case "pairs":
      return literal.values;
    case "absent":
      return undefined;
    default:
      throw new Error(`no such literal ${String(literal satisfies never)}`);
  }
}

/** Attributes of kernels: what the library itself would pass. */
function attributeOf(literal: Literal): string | number | boolean | number[] {
  switch (literal.kind) {
    case "number":
    case "flag":
    case "text":
      return literal.value;
    case "shape":
      return [...literal.sizes];
    case "numbers":
      return [...literal.values];
    case "pairs":
    case "member":
    case "absent":
      throw new Error(`a kernel takes no ${literal.kind}`);
    default:
      throw new Error(`no such literal ${String(literal satisfies never)}`);
  }
}
