import type { Graph } from "../../../compiler/graph/graph.ts";
import type { EngineBuffer, VectorProgram } from "../engine.ts";
import { compileText } from "./compile.ts";

/**
 * Vector programs as WebAssembly: element-by-element graphs (an optimizer's update, a squared norm) compiled into one
 * pass over memory that they share with the engine's persistent buffers.
 */
export function compileKernel(graph: Graph, memory: WebAssembly.Memory): VectorProgram {
  const text = compileText(graph);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(text.bytes), { env: { memory } });
  const run = instance.exports["run"];
  if (typeof run !== "function") throw new Error("a kernel exports its function");

  return {
    bind(inputs, outputs) {
      checkNames(
        "input",
        graph.inputs.map(({ name }) => name),
        inputs,
      );
      checkNames("output", [...graph.outputs.keys()], outputs);
      const vectors = text.vectors.map(({ role, name }) => ({
        name,
        array: persistentArray(name, (role === "input" ? inputs : outputs)[name], memory),
        written: role === "output",
      }));
      const length = vectors.length === 0 ? 0 : vectors[0].array.length;
      for (const { name, array } of vectors) {
        if (array.length !== length) throw new Error(`vector ${name} has ${array.length} elements, others ${length}`);
      }
      for (const one of vectors) {
        for (const other of vectors) if (one.written && one !== other) checkPlaces(one, other);
      }
      const scalars = text.scalars.map((name) => scalarArray(name, inputs[name]));
      const results = text.results.map((name) => scalarArray(name, outputs[name]));

      const operands = [length, ...vectors.map(({ array }) => array.byteOffset), ...scalars.map(() => 0)];
      const firstScalar = 1 + vectors.length;
      return () => {
        for (let k = 0; k < scalars.length; k++) operands[firstScalar + k] = scalars[k][0];
        const returned: unknown = run(...operands);
        if (results.length === 1) results[0][0] = Number(returned);
        else if (Array.isArray(returned)) for (let k = 0; k < results.length; k++) results[k][0] = Number(returned[k]);
      };
    },
  };
}

function checkNames(role: string, wanted: readonly string[], given: Readonly<Record<string, EngineBuffer>>): void {
  for (const name of wanted) if (!Object.hasOwn(given, name)) throw new Error(`${role} ${name} is not bound`);
  for (const name of Object.keys(given)) if (!wanted.includes(name)) throw new Error(`there is no ${role} ${name}`);
}

function persistentArray(name: string, { host }: EngineBuffer, memory: WebAssembly.Memory): Float32Array {
  if (!(host instanceof Float32Array)) throw new Error(`vector ${name} should be f32`);
  if (host.buffer !== memory.buffer) throw new Error(`vector ${name} lies outside the reserved memory`);
  return host;
}

function scalarArray(name: string, { host }: EngineBuffer): Float32Array {
  if (!(host instanceof Float32Array) || host.length !== 1) throw new Error(`${name} should be one f32`);
  return host;
}

interface Placed {
  readonly name: string;
  readonly array: Float32Array;
}

/** A result may lie exactly where an operand lies, or apart from it. */
function checkPlaces(result: Placed, other: Placed): void {
  const from = result.array.byteOffset;
  const to = other.array.byteOffset;
  if (from !== to && Math.abs(from - to) < result.array.byteLength) {
    throw new Error(`vectors ${result.name} and ${other.name} overlap in part`);
  }
}
