import type { TaskKind, Type } from "../../compiler/ir/model.ts";
import { addSizes, isKnown, showSize, unknownSize, type Size } from "../../compiler/ir/size.ts";
import { answerShape } from "../../compiler/ir/kinds.ts";
import { taskAsTeacher } from "../../compiler/ir/teacher.ts";
import type { LossRow, MetricRow, TaskWord } from "../../compiler/registry/rows.ts";
import { writeSettings, type Written } from "./settings.ts";
import type { Room, Tensor } from "./steps.ts";

/** What a task may ask of a tensor: a kind that its shape can serve, a head, losses and metrics that fit the kind. */

export interface Head {
  /** `class(3)[x1]` */
  readonly kindText: string;
  readonly kind: TaskKind;
  readonly text: string;
  /** Type of the task's output. */
  readonly type: Type;
  readonly losses: string;
  /** False where a loss may fall below 0. */
  readonly positive: boolean;
  readonly metrics: string | null;
}

const vectorKinds: readonly TaskWord[] = ["class", "flag", "flags", "real", "count", "ordinal"];

/** A kind, and the head that turns the tensor into what it asks for. */
export function randomHead(room: Room, task: string, from: Tensor): Head | null {
  const { draw, registry } = room;
  const { type } = from;
  if (type.element !== "f32" || type.batch === false) return null;
  const word = draw.ordered(vectorKinds, (name) => room.weight("taskKind", name))[0];
  if (!registry.taskKind.has(word)) return null;
  const placed = type.shape.length >= 2 && type.shape.every(isKnown) && draw.chance(0.6);
  const before = placed ? "" : pooled(room, type);
  const vector = placed ? type : asVector(type);
  const made = kindFor(room, task, word, vector, placed);
  const wide = withWidth(vector, made.width);
  const dense = draw.pick(["dense", "dense", "dense(bias: false)", "dense(start: he_normal)"]);
  const arrow = /^[\w.]+$/.test(from.text) ? from.text : `(${from.text})`;
  const losses = randomLosses(room, made.kind);
  return {
    kindText: made.text,
    kind: made.kind,
    text: `${arrow} -> ${before}${dense}`,
    type: wide,
    losses: losses.text,
    positive: losses.positive,
    metrics: randomMetrics(room, made.kind),
  };
}

/** What brings a tensor to one vector an example. */
function pooled({ draw }: Room, { shape, axes }: Type): string {
  if (axes?.[shape.length - 1]) return "flatten -> ";
  if (shape.length < 2) return "";
  return `${draw.pick(shape.every(isKnown) ? ["flatten", "mean_pool", "max_pool"] : ["mean_pool", "max_pool"])} -> `;
}
function asVector(type: Type): Type {
  return type.shape.length < 2 && !type.axes?.[0] ? type : { ...type, shape: [3], axes: undefined };
}

/** The last axis as the head's dense leaves it: one more where there are no channels. */
function withWidth(type: Type, width: Size): Type {
  const { outer, axes } = positions(type);
  return { ...type, shape: [...outer, width], axes: axes.some((axis) => axis !== null) ? [...axes, null] : undefined };
}

/** The axes that answers may lie along. */
function positions({ shape, axes }: Type): {
  readonly outer: readonly Size[];
  readonly axes: readonly (string | null)[];
} {
  const named = shape.map((_, index) => axes?.[index] ?? null);
  const last = shape.length - 1;
  return last < 0 || named[last] !== null
    ? { outer: shape, axes: named }
    : { outer: shape.slice(0, -1), axes: named.slice(0, -1) };
}

function kindFor(
  { draw }: Room,
  task: string,
  word: TaskWord,
  type: Type,
  placed: boolean,
): { readonly kind: TaskKind; readonly text: string; readonly width: Size } {
  const { outer, axes } = placed ? positions(type) : { outer: [], axes: [] };
  const along = { shape: outer, ...(axes.some((axis) => axis !== null) && { axes }) };
  const brackets = (shape: readonly Size[]): string =>
    shape.length > 0 ? `[${shape.map((size, index) => axes[index] ?? showSize(size)).join(", ")}]` : "";
  const n = draw.between(2, 4);
  switch (word) {
    case "class": {
      if (placed || draw.chance(0.4))
        return { kind: { word, size: n, learnt: false, ...along }, text: `class(${n})${brackets(outer)}`, width: n };
      if (draw.chance(0.5)) {
        const labels = ["ham", "spam", "other", "none"].slice(0, n);
        return {
          kind: { word, size: n, labels, learnt: false, shape: [] },
          text: `class(${JSON.stringify(labels)})`,
          width: n,
        };
      }
      const size = addSizes(unknownSize(`labels(${task})`));
      return { kind: { word, size, learnt: true, shape: [] }, text: "class", width: size };
    }
    case "ordinal":
      if (!placed && draw.chance(0.4)) {
        const labels = [5, 1, "two", 3.5].slice(0, n);
        return {
          kind: { word, size: n, labels, learnt: false, shape: [] },
          text: `ordinal(${JSON.stringify(labels)})`,
          width: n - 1,
        };
      }
      return {
        kind: { word, size: n, learnt: false, ...along },
        text: `ordinal(${n})${brackets(outer)}`,
        width: n - 1,
      };
    case "flags":
      return { kind: { word, size: n, learnt: false, ...along }, text: `flags(${n})${brackets(outer)}`, width: n };
    case "flag":
      return { kind: { word, size: 1, learnt: false, ...along }, text: `flag${brackets(outer)}`, width: 1 };
    case "real":
    case "count": {
      const width = draw.pick([1, 2, 4, 4]);
      const whole = placed || draw.chance(0.5);
      // Brackets are the whole shape, channels and all, unless they end in a token axis.
      const shape = whole ? [...outer, width] : [];
      const named = whole && along.axes ? { axes: [...axes, null] } : {};
      return {
        kind: { word, size: 1, learnt: false, shape, ...named },
        text: `${word}${brackets(shape)}`,
        width: whole ? width : 1,
      };
    }
    default:
      return word satisfies never;
  }
}

function randomLosses(room: Room, kind: TaskKind): { readonly text: string; readonly positive: boolean } {
  const { draw, registry } = room;
  const teachers = room.tasks.filter((other) => teaches(other.kind, kind));
  const fits = [...registry.loss.values()].filter(
    (row) =>
      row.built &&
      row.kinds.includes(kind.word) &&
      (row.fits?.(kind) ?? null) === null &&
      (teachers.length > 0 || !("of" in row.settings)),
  );
  const rows = draw.ordered(fits, ({ name }) => room.weight("loss", name)).slice(0, draw.chance(0.3) ? 2 : 1);
  const terms = rows.map((row, index) => {
    const settings = writeSettings(row.settings, room, {
      ...perClass(room, row, kind),
      ...taught(room, row, teachers),
    });
    const call = settings && settings.text !== "" ? `${row.name}(${settings.text})` : row.name;
    return index === 0 ? call : `${draw.pick([0.1, 0.5, 2])} * ${call}`;
  });
  return { text: terms.join(" + "), positive: rows.every((row) => row.positive) };
}

/** Whether a task has the classes of another. */
function teaches(teacher: TaskKind, kind: TaskKind): boolean {
  const known = ({ size, shape, axes, labels }: TaskKind): string => JSON.stringify([size, shape, axes, labels]);
  return teacher.word === "class" && !teacher.learnt && known(teacher) === known(kind);
}

/** A task above to learn from. */
function taught({ draw }: Room, row: LossRow, teachers: Room["tasks"]): Readonly<Record<string, Written>> {
  if (!("of" in row.settings)) return {};
  const { name } = draw.pick(teachers);
  return { of: { text: name, value: taskAsTeacher(name) } };
}

/** Weights of classes and flags, one for each or counted from the data; and no setting that is for other kinds. */
function perClass({ draw }: Room, row: LossRow, { size, word }: TaskKind): Readonly<Record<string, Written | null>> {
  const others = Object.entries(row.only ?? {}).flatMap(([name, kinds]) =>
    kinds.includes(word) ? [] : [[name, null]],
  );
  if (others.length > 0) return Object.fromEntries(others);
  const setting = ["class_weights", "positive_weight"].find((name) => name in row.settings);
  if (setting === undefined || draw.chance(0.5)) return {};
  if (!isKnown(size) || draw.chance(0.5)) return { [setting]: { text: "balanced", value: "balanced" } };
  const values = Array.from({ length: size }, () => draw.pick([0.5, 1, 2]));
  return { [setting]: { text: `[${values.join(", ")}]`, value: values } };
}

function randomMetrics(room: Room, kind: TaskKind): string | null {
  const { draw, registry } = room;
  if (draw.chance(0.4)) return null;
  const fits = (row: MetricRow): boolean =>
    row.built && row.kinds.includes(kind.word) && (row.fits?.(kind) ?? null) === null;
  const rows = draw.ordered([...registry.metric.values()].filter(fits), ({ name }) => room.weight("metric", name));
  const written = rows.slice(0, 2).flatMap((row) => {
    const settings = writeSettings(row.settings, room);
    return settings ? [settings.text === "" ? row.name : `${row.name}(${settings.text})`] : [];
  });
  return written.length > 0 ? `[${written.join(", ")}]` : null;
}

/** Numbers in one answer; unknown sizes count 3. */
export function answerNumbers(kind: TaskKind): number[] {
  return answerShape(kind).map((size) => (isKnown(size) ? size : 3));
}
