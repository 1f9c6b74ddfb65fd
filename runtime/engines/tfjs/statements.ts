import type { Tensor } from "@tensorflow/tfjs";
import type { Loop, Statement, TfjsProgram, Value } from "../../../compiler/emit/tfjs/index.ts";
import type { Tfjs } from "./arguments.ts";
import { constantsOf, prepareExpression } from "./expressions.ts";

/** A program made ready: tensors of its inputs in, tensors of its outputs out. The caller disposes of both. */
export interface PreparedProgram {
  /** Both in the order of the program's inputs and outputs. */
  run(inputs: readonly Tensor[]): Tensor[];
  dispose(): void;
}

/** Tensors by value. */
type Values = (Tensor | undefined)[];
type Step = (values: Values) => void;

export function prepareProgram(tf: Tfjs, program: TfjsProgram): PreparedProgram {
  const constants = constantsOf(tf);
  const given = new Set(program.inputs.map(({ value }) => value));
  const kept = new Set(program.outputs.map(({ value }) => value));
  const own = [...kept].filter((value) => !given.has(value));
  const steps = prepareStatements(program.statements, kept);

  function prepareStatements(statements: readonly Statement[], outlive: ReadonlySet<Value>): Step[] {
    const last = lastReaders(statements);
    const inner = new Set(resultsOf(statements));
    return statements.map((statement, at) => {
      const step = statement.kind === "loop" ? prepareLoop(statement) : prepareAssignment(statement);
      // What this statement is the last to read, and what it makes for nobody, is given back.
      const free = [...last.entries()].flatMap(([value, reader]) =>
        reader === at && inner.has(value) && !outlive.has(value) ? [value] : [],
      );
      const unread = resultsOf([statement]).filter((value) => !last.has(value) && !outlive.has(value));
      const done = [...free, ...unread];
      return (values) => {
        step(values);
        for (const value of done) {
          values[value]!.dispose();
          values[value] = undefined;
        }
      };
    });
  }

  function prepareAssignment({ value, operands, expression }: Extract<Statement, { kind: "assignment" }>): Step {
    const evaluate = prepareExpression(tf, expression, constants);
    return (values) => {
      const made: Tensor[] = [];
      const result = evaluate(
        operands.map((operand) => tensorOf(values, operand)),
        made,
      );
      for (const tensor of made) if (tensor !== result) tensor.dispose();
      values[value] = made.includes(result) ? result : result.clone();
    };
  }

  function prepareLoop({ length, reverse, sequences, carries, stacked, body }: Loop): Step {
    const wanted = new Set<Value>([
      ...carries.map(({ next }) => next),
      ...stacked.map(({ inside }) => inside),
      ...sequences.map(({ element }) => element),
      ...carries.map(({ inside }) => inside),
    ]);
    const round = prepareStatements(body, wanted);
    const mine = new Set<Value>([
      ...resultsOf(body).filter((value) => wanted.has(value)),
      ...sequences.map(({ element }) => element),
      ...carries.map(({ inside }) => inside),
    ]);
    return (values) => {
      const parts = sequences.map(({ sequence }) => tf.unstack(tensorOf(values, sequence), 0));
      const collected = stacked.map((): Tensor[] => new Array<Tensor>(length));
      let carried = carries.map(({ initial }) => tensorOf(values, initial).clone());
      for (let step = 0; step < length; step++) {
        const at = reverse ? length - 1 - step : step;
        sequences.forEach(({ element }, k) => (values[element] = parts[k][at]));
        carries.forEach(({ inside }, k) => (values[inside] = carried[k]));
        for (const one of round) one(values);
        stacked.forEach(({ inside }, k) => (collected[k][at] = tensorOf(values, inside).clone()));
        carried = carries.map(({ next }) => tensorOf(values, next).clone());
        for (const value of mine) {
          values[value]!.dispose();
          values[value] = undefined;
        }
      }
      stacked.forEach(({ result }, k) => {
        values[result] = tf.stack(collected[k]);
        for (const tensor of collected[k]) tensor.dispose();
      });
      carries.forEach(({ result }, k) => {
        if (result === null) carried[k].dispose();
        else values[result] = carried[k];
      });
    };
  }

  return {
    run(inputs) {
      const values: Values = new Array<Tensor | undefined>(program.values);
      program.inputs.forEach(({ value }, k) => (values[value] = inputs[k]));
      for (const step of steps) step(values);
      const outputs = program.outputs.map(({ value }) => tensorOf(values, value).clone());
      for (const value of own) tensorOf(values, value).dispose();
      return outputs;
    },
    dispose: () => constants.dispose(),
  };
}

function tensorOf(values: Values, value: Value): Tensor {
  const tensor = values[value];
  if (tensor === undefined) throw new Error(`value ${value} is read before it is made`);
  return tensor;
}

/** For each value the last of the statements that reads it, by its place. */
function lastReaders(statements: readonly Statement[]): Map<Value, number> {
  const last = new Map<Value, number>();
  statements.forEach((statement, at) => {
    for (const value of readBy(statement)) last.set(value, at);
  });
  return last;
}

function readBy(statement: Statement): readonly Value[] {
  if (statement.kind === "assignment") return statement.operands;
  return [
    ...statement.sequences.map(({ sequence }) => sequence),
    ...statement.carries.flatMap(({ initial, next }) => [initial, next]),
    ...statement.stacked.map(({ inside }) => inside),
    ...statement.body.flatMap(readBy),
  ];
}

/** What the statements make, at their own level. */
function resultsOf(statements: readonly Statement[]): readonly Value[] {
  return statements.flatMap((statement) =>
    statement.kind === "assignment"
      ? [statement.value]
      : [
          ...statement.stacked.map(({ result }) => result),
          ...statement.carries.flatMap(({ result }) => (result === null ? [] : [result])),
        ],
  );
}
