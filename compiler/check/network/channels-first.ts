import type { Span } from "../../../grammar/tree.ts";
import { report, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { Model, Type } from "../../ir/model.ts";
import type { Context } from "../context/context.ts";

/** Images whose channels seem to stand first, as other libraries have them. */

const overImages = /2d(_|$)/;

/** What helps where a layer over images cannot be applied, if an input of the file looks so. */
export function channelsHelp({ scope }: Context, layer: string): string | undefined {
  if (!overImages.test(layer)) return undefined;
  for (const { declared, meaning } of scope.file.entities.values())
    if (declared.kind === "input" && meaning.kind === "tensor" && meaning.tensor.type && looksSo(meaning.tensor.type))
      return helpOf(meaning.tensor.type);
  return undefined;
}

/** Layers over images that read such an input as it stands, in a model without mistakes. */
export function adviseChannels(model: Model): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const { layer, inputs, span } of model.instructions) {
    const input = overImages.test(layer) ? model.inputs.find(({ name }) => name === inputs[0]) : undefined;
    if (!input || found.has(input.name) || !looksSo(input.type)) continue;
    const [height, width, channels] = input.type.shape.map(Number);
    const at: Span | undefined = input.span ?? span;
    found.set(
      input.name,
      report(
        shapes.channelsFirst,
        { input: input.name, layer, height, width, channels },
        { span: at, help: helpOf(input.type) },
      ),
    );
  }
  return [...found.values()];
}

/** [3, 32, 32]: one, three or four rows of pixels, and many channels. */
function looksSo({ element, shape }: Type): boolean {
  const [channels, height, width] = shape;
  return (
    element === "f32" &&
    shape.length === 3 &&
    (channels === 1 || channels === 3 || channels === 4) &&
    [height, width].every((size) => typeof size === "number" && size >= 8)
  );
}

function helpOf({ shape: [channels, height, width] }: Type): string {
  const right = `\`f32[${String(height)}, ${String(width)}, ${String(channels)}]\``;
  return channels === 1 ? `channels stand last: ${right}` : `channels stand last, in the arrays too: ${right}`;
}
