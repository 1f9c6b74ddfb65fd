import type { Expression, Span } from "../../../grammar/tree.ts";
import { report, type Fix } from "../../diagnostics/diagnostic.ts";
import { heads } from "../../diagnostics/heads.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { LossTerm, TaskKind, Type } from "../../ir/model.ts";
import { addSizes, equalSizes, isKnown, type Size } from "../../ir/size.ts";
import { showNamedType } from "../../layers/types.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Context } from "../context/context.ts";
import type { TensorValue } from "../context/scope.ts";
import type { TaskDraft } from "./task-draft.ts";

/** What a task asks of its head. */

/** The `dense` at the end of a head: it may leave its width out. Both sides of a sum have one. */
export function lastDense(registry: Registry, head: Expression): ReadonlySet<Expression> {
  const found = new Set<Expression>();
  search(registry, head, found);
  return found;
}

function search(registry: Registry, expression: Expression, found: Set<Expression>): boolean {
  switch (expression.kind) {
    case "group":
      return search(registry, expression.inner, found);
    case "negate":
      return search(registry, expression.operand, found);
    case "binary": {
      const left = search(registry, expression.left, found);
      return search(registry, expression.right, found) || left;
    }
    case "pipeline":
      return [...expression.steps].reverse().some((step) => search(registry, step, found));
    case "reference":
    case "call":
      if (registry.layer.get(expression.name.text)?.infers !== undefined) {
        found.add(expression);
        return true;
      }
      // `sigmoid(dense(x))`: what is inside came before.
      return expression.kind === "call" && expression.arguments.length === 1
        ? search(registry, expression.arguments[0].value, found)
        : false;
    default:
      return false;
  }
}

/** Size of the last axis of a head: classes, flags, thresholds, outputs. */
export function headWidth(kind: TaskKind, loss: readonly LossTerm[], registry: Registry): Size {
  switch (kind.word) {
    case "class":
    case "flags":
      return kind.size;
    case "ordinal": {
      const width = loss.map((term) => registry.loss.get(term.loss.word)?.width).find((rule) => rule !== undefined);
      return width && isKnown(kind.size) ? width(kind.size) : addSizes(kind.size, -1);
    }
    case "flag":
      return 1;
    case "real":
    case "count":
      return isWhole(kind) ? kind.shape[kind.shape.length - 1] : 1;
    default:
      return kind.word satisfies never;
  }
}

/** Brackets of `real` and `count` are the target's whole shape, channels and all, unless they end in a token axis. */
function isWhole(kind: TaskKind): boolean {
  const last = kind.shape.length - 1;
  return (kind.word === "real" || kind.word === "count") && last >= 0 && (kind.axes?.[last] ?? null) === null;
}

/** Shapes that a head may give; the first is the one to ask for. */
function headTypes(kind: TaskKind, width: Size): readonly Pick<Type, "shape" | "axes">[] {
  const { shape, axes } = kind;
  if (isWhole(kind)) return [{ shape, axes }];
  const wide = { shape: [...shape, width], ...(axes && { axes: [...axes, null] }) };
  return kind.word === "flag" || kind.word === "real" || kind.word === "count" ? [wide, { shape, axes }] : [wide];
}

/** Checks a head's shape, and that it ends as its loss wants it. */
export function checkHead(
  context: Context,
  draft: TaskDraft,
  head: TensorValue,
  expression: Expression,
  lastLayer: string | undefined,
): void {
  const { kind, kindSpan, loss, name } = draft;
  if (!kind || head.type === null) return;
  const { type } = head;
  const width = headWidth(kind, loss, context.registry);
  const wanted = headTypes(kind, width);
  if (!wanted.some((shape) => meets(shape, type))) {
    context.report(
      report(
        shapes.headWidth,
        {
          task: `\`${name}\``,
          kind: kindSpan ? `\`${context.textAt(kindSpan)}\`` : `\`${kind.word}\``,
          wants: showNamedType(wanted[0]),
          has: showNamedType(type),
        },
        {
          span: lastStep(expression).span,
          note: `this gives ${showNamedType(type)}`,
          labels: kindSpan ? [{ span: kindSpan, message: `asks for ${showNamedType(wanted[0])}` }] : [],
          help: fitHelp(wanted[0], type, kindSpan && context.textAt(kindSpan)),
          fixes: widthFix(context.registry, expression),
        },
      ),
    );
    return;
  }
  checkLink(context, draft, expression, lastLayer);
}

/** What brings a head to the rank that its kind asks for. */
function fitHelp(wanted: Pick<Type, "shape" | "axes">, type: Type, kind: string | undefined): string {
  const missing = wanted.axes?.find((axis) => axis !== null && !type.axes?.includes(axis));
  if (missing)
    return `the answers lie along \`${missing}\`: keep that axis (no pooling, no flatten), or repeat a vector along it with \`broadcast(${missing})\``;
  if (type.shape.length > wanted.shape.length) {
    const along = type.axes?.find((axis) => axis !== null);
    if (along === undefined || along === null) return "reduce it first: `flatten` or `mean_pool`";
    return `reduce it first: \`mean_pool\`${kind === undefined || kind.includes("[") ? "" : `; for an answer at each token write \`${kind}[${along}]\``}`;
  }
  return "the last `dense` of a head may leave its width out and finds it by itself";
}

function meets(wanted: Pick<Type, "shape" | "axes">, type: Type): boolean {
  return (
    wanted.shape.length === type.shape.length &&
    wanted.shape.every((size, index) => {
      const given = type.shape[index];
      if ((wanted.axes?.[index] ?? null) !== (type.axes?.[index] ?? null)) return false;
      // Whether an unknown size fits is seen once data are bound.
      return !isKnown(size) || !isKnown(given) || equalSizes(size, given);
    })
  );
}

/** `dense(9)` under `class(10)` is mended by leaving the width out. */
function widthFix(registry: Registry, expression: Expression): readonly Fix[] {
  const step = lastStep(expression);
  const setting = step.kind === "call" ? registry.layer.get(step.name.text)?.infers : undefined;
  if (step.kind !== "call" || setting === undefined) return [];
  const [width, ...others] = step.arguments;
  if (width === undefined || others.length > 0 || (width.name !== undefined && width.name.text !== setting)) return [];
  return [{ title: "leave the width to the task's kind", edits: [{ span: step.span, text: step.name.text }] }];
}

const links = ["softmax", "log_softmax", "sigmoid"];

/** Losses that want logits apply softmax or sigmoid themselves. */
function checkLink(
  context: Context,
  { loss, name }: TaskDraft,
  expression: Expression,
  lastLayer: string | undefined,
): void {
  if (lastLayer === undefined || !links.includes(lastLayer)) return;
  const term = loss.find(({ loss: { word } }) => context.registry.loss.get(word)?.wants === "logits");
  if (!term) return;
  const step = lastStep(expression);
  context.report(
    report(
      heads.endsInSoftmax,
      { task: name, layer: lastLayer, loss: term.loss.word },
      {
        span: step.span,
        note: `\`${term.loss.word}\` applies it itself`,
        labels: term.span ? [{ span: term.span, message: "this loss wants logits" }] : [],
        help: `take \`-> ${lastLayer}\` away; \`${name}.prediction\` and \`mtlc predict\` give probabilities all the same`,
        fixes: stepFix(expression, lastLayer),
      },
    ),
  );
}

function stepFix(expression: Expression, layer: string): readonly Fix[] {
  const bare = ungroup(expression);
  if (bare.kind !== "pipeline") return [];
  const [before, last] = bare.steps.slice(-2);
  const span: Span = { ...last.span, start: before.span.end };
  return [{ title: `delete \`-> ${layer}\``, edits: [{ span, text: "" }] }];
}

function ungroup(expression: Expression): Expression {
  return expression.kind === "group" ? ungroup(expression.inner) : expression;
}

/** What a head ends in. */
function lastStep(expression: Expression): Expression {
  const bare = ungroup(expression);
  return bare.kind === "pipeline" ? lastStep(bare.steps[bare.steps.length - 1]) : bare;
}
