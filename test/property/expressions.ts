import type { LayerRow } from "../../compiler/registry/layer.ts";
import { randomStep, tried, type Room, type Tensor } from "./steps.ts";

/** Whole expressions: pipelines that start at a tensor of the pool, and sums, products and quotients of them. */

/** As an operand: in parentheses unless it is a name. */
const operand = (text: string): string => (/^[\w.]+$/.test(text) ? text : `(${text})`);

export function randomExpression(room: Room, start: Tensor, steps: number): Tensor {
  let at = start;
  for (let step = 0; step < steps; step++)
    at = room.draw.chance(0.2) ? (operated(room, at) ?? piped(room, at)) : piped(room, at);
  return at;
}

function piped(room: Room, { text, type }: Tensor): Tensor {
  const next = randomStep(room, type);
  return { text: `${operand(text)} -> ${next.step.text}`, type: next.type };
}

type Operator = "add" | "sub" | "mul" | "div" | "negate";

/** One of the operators; null where its row finds nothing that fits. */
function operated(room: Room, at: Tensor): Tensor | null {
  const { draw, registry } = room;
  if (at.type.element !== "f32") return null;
  const name = draw.ordered<Operator>(["add", "sub", "mul", "div", "negate"], (each) => room.weight("layer", each))[0];
  const row = registry.layer.get(name);
  if (!row?.built) return null;
  const first = operand(at.text);
  if (name === "negate") return { text: `-${first}`, type: at.type };
  const result = (other: Tensor) =>
    tried(
      { apply: (type) => row.shape({ settings: {}, inputs: [type, other.type], chains: [], axes: room.axes }) },
      at.type,
    );
  const others = draw.shuffled([...constants(room, at, registry.layer.get("constant")), ...room.pool]);
  for (const other of others) {
    const type = result(other);
    if (type) return { text: written(name, first, operand(other.text)), type };
  }
  return null;
}

/** Kept where numbers stay finite and of one size. */
function written(name: Exclude<Operator, "negate">, first: string, second: string): string {
  switch (name) {
    case "add":
      return `${first} + ${second}`;
    case "sub":
      return `${first} - ${second}`;
    case "mul":
      return `tanh(${first}) * ${second}`;
    case "div":
      // Numbers written in the program are above 0.
      return /^\(?[[\d]/.test(second) ? `${first} / ${second}` : `${first} / (1 + abs(${second}))`;
    default:
      return name satisfies never;
  }
}

/** A number, and a list of them along the last axis. */
function constants({ draw, axes }: Room, { type }: Tensor, row: LayerRow | undefined): Tensor[] {
  if (!row?.built) return [];
  const number = (): number => draw.pick([0.25, 0.5, 0.75, 1.5, 2]);
  const last = type.shape[type.shape.length - 1];
  const values = [number(), ...(typeof last === "number" ? [Array.from({ length: last }, number)] : [])];
  return values.map((value) => ({
    text: typeof value === "number" ? String(value) : `[${value.join(", ")}]`,
    type: row.shape({ settings: { value }, inputs: [], chains: [], axes }),
  }));
}
