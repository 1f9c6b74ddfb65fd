import type { Value, Word } from "../ir/model.ts";
import type { ParameterSpec } from "../registry/layer.ts";

/** A word of the start table: `startWord("truncated", { sd: 0.02 })`. */
export function startWord(word: string, settings: Readonly<Record<string, Value>> = {}): Word {
  return { word, settings };
}

/** The kernel `[in, out]` and bias `[out]` of a dense layer inside another layer: glorot_uniform and zeros. */
export function denseParameters(
  inputs: number,
  outputs: number,
  options: { readonly start?: Word; readonly bias?: boolean } = {},
): Readonly<Record<string, ParameterSpec>> {
  const fans = { fanIn: inputs, fanOut: outputs };
  return {
    kernel: { shape: [inputs, outputs], start: options.start ?? startWord("glorot_uniform"), ...fans, decay: true },
    ...(options.bias !== false && { bias: offset(outputs) }),
  };
}

/** A vector that weight decay leaves alone and that starts at one number: biases, norm scales and offsets. */
export function vector(size: number, start: number): ParameterSpec {
  const first =
    start === 0 ? startWord("zeros") : start === 1 ? startWord("ones") : startWord("constant", { value: start });
  return { shape: [size], start: first, fanIn: size, fanOut: size, decay: false };
}

export function offset(size: number): ParameterSpec {
  return vector(size, 0);
}

/** Parameters of a sublayer: `under("query", {kernel})` names them `query.kernel`. */
export function under(
  prefix: string,
  parameters: Readonly<Record<string, ParameterSpec>>,
): Readonly<Record<string, ParameterSpec>> {
  return Object.fromEntries(Object.entries(parameters).map(([name, spec]) => [`${prefix}.${name}`, spec]));
}

/** The same parameters once for every task, each under the task's name. */
export function forEachTask(
  tasks: readonly string[] | undefined,
  parameters: (task: string) => Readonly<Record<string, ParameterSpec>>,
): Readonly<Record<string, ParameterSpec>> {
  return Object.assign(
    {},
    ...(tasks ?? []).map((task) =>
      Object.fromEntries(
        Object.entries(parameters(task)).map(([name, spec]) => [`${task}.${name}`, { ...spec, task }]),
      ),
    ),
  );
}
