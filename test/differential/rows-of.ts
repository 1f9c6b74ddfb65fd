import type { Input, Model, Task } from "../../compiler/ir/model.ts";
import { isKnown } from "../../compiler/ir/size.ts";
import { answerCell, array, words } from "../property/cells.ts";
import type { Draw } from "../property/draw.ts";

/** Rows for a model, as a table in JSON lines. Numbers have all their digits, so that no two are equal: maxima have no ties. */
export function rowsOf(model: Model, draw: Draw, count: number): string {
  const texts = model.inputs.flatMap(({ name, kind }) =>
    kind.word === "tokens" ? [{ name, length: kind.length }] : [],
  );
  return Array.from({ length: count }, () => {
    const lengths = Object.fromEntries(
      texts.map(({ name, length }) => [name, draw.between(Math.ceil(length / 2), length)]),
    );
    const inputs = model.inputs.map((input) => [input.name, inputCell(input, draw, lengths)]);
    const answers = model.tasks.flatMap((task) => answerCells(task, draw, lengths));
    return JSON.stringify(Object.fromEntries([...inputs, ...answers]));
  }).join("\n");
}

type Lengths = Readonly<Record<string, number>>;

function inputCell({ name, kind, type }: Input, draw: Draw, lengths: Lengths): unknown {
  switch (kind.word) {
    case "f32":
    case "image":
      return array(type.shape.filter(isKnown), () => Math.fround(draw.normal()));
    case "i32":
      return draw.below(3);
    case "category":
      return draw.pick(words);
    case "tokens":
      return Array.from({ length: lengths[name] }, () => draw.pick(["a", "b", "c", "d", "e"]));
    default:
      return kind satisfies never;
  }
}

/** One answer in eight is missing. Four numbers are a box: its left upper corner, then its right lower one. */
function answerCells({ target, kind }: Task, draw: Draw, lengths: Lengths): [string, unknown][] {
  if (target?.kind !== "names") return [];
  const isMissing = draw.chance(1 / 8);
  const [first] = target.names;
  if (target.names.length > 1) return target.names.map((name) => [name, isMissing ? null : Math.fround(draw.normal())]);
  if (isMissing) return [[first, null]];
  const isBox = kind.word === "real" && kind.shape.length === 1 && kind.shape[0] === 4;
  if (isBox)
    return [
      [
        first,
        [draw.uniform(0, 0.4), draw.uniform(0, 0.4), draw.uniform(0.6, 1), draw.uniform(0.6, 1)].map(Math.fround),
      ],
    ];
  const answer = answerCell(draw, kind, { lengths });
  const isAlongTokens = (kind.axes ?? []).some((axis) => axis !== null);
  // Some of a text's words are without an answer, too.
  return [
    [first, isAlongTokens && Array.isArray(answer) ? answer.map((each) => (draw.chance(1 / 6) ? null : each)) : answer],
  ];
}
