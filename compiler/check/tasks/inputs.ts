import type { Expression, InputDeclaration, SettingsBlock, Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { settings as rows } from "../../diagnostics/settings.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import { tasks as taskRows } from "../../diagnostics/tasks.ts";
import type { Cell, Columns, Input, Type, Value, Word } from "../../ir/model.ts";
import { addSizes, unknownSize, type Size } from "../../ir/size.ts";
import { showNamedType } from "../../layers/types.ts";
import { alternatives, isWord, writeCell } from "../../registry/describe.ts";
import { textOfCell, valueKey } from "../../words/cells.ts";
import type { Context } from "../context/context.ts";
import { plausible } from "../network/layers.ts";
import { readColumns } from "../settings/column-names.ts";
import { type CheckedKind, checkKind } from "../settings/kind-words.ts";
import { columnsOfInput, writeInputKind } from "../settings/kinds-written.ts";
import { checkSettings, defaultWord, fromEntry } from "../settings/settings.ts";
import { wordSpans } from "../settings/word-spans.ts";

/** Inputs: what every example brings along. */

/** Which kinds a key is for; those not named are for all. */
const keysOf: Readonly<Record<string, readonly string[]>> = {
  scale: ["f32", "image"],
  fill: ["f32", "i32"],
  tokenizer: ["tokens"],
  augment: ["image"],
};

/** Its `type` is whole: `axes` of tokens, `codes` of tokens and categories (`codes(island)` until data is bound). */
export function checkInput(context: Context, declaration: InputDeclaration): Input | undefined {
  const { name, type: written } = declaration;
  if (name === undefined || written === undefined) return undefined;
  const before = context.errors();
  const kind = checkKind(context, written, "input", context.registry.inputKind, name.text);
  const keys = context.registry.section.get("input")?.keys ?? {};
  const entries = declaration.settings?.entries ?? [];
  const values = checkSettings(context, keys, entries.map(fromEntry), {
    what: `input \`${name.text}\``,
    span: name.span,
    noun: "key",
    path: name.text,
    elsewhere: ["from"],
    home: "input",
  });
  const from = readFrom(context, entryOf(declaration.settings, "from"), name.text, name.span);
  if (kind) reportMisfits(context, declaration.settings, keysOf, kind.row.name, "inputs");
  if (kind === undefined || from === undefined) return undefined;
  const described = describeInput(context, name.text, kind, written.span, values);
  if (described && !plausible(described.type)) {
    const what = `a tensor of ${showNamedType(described.type)}`;
    context.report(report(shapes.sizeTooLarge, { what }, { span: written.span }));
  }
  const isSound = context.errors() === before;
  if (!isSound) context.check.doubtful.add(name.text);
  if (described === undefined) return undefined;
  const { scale, fill, augment } = values;
  const input: Input = {
    name: name.text,
    ...(declaration.doc !== undefined && { doc: declaration.doc }),
    ...described,
    from,
    scale: scale === "standard" || scale === "minmax" ? scale : "none",
    fill: fill === "mean" || fill === "median" || typeof fill === "number" ? fill : null,
    augment: wordsOf(augment),
    span: name.span,
    spans: { ...wordSpans(entries), kind: written.span },
  };
  const wanted = columnsOfInput(described);
  const found = from.kind === "names" ? from.names.length : 1;
  const isGuess = context.textAt(name.span) !== name.text;
  if (isGuess && !entryOf(declaration.settings, "from")) context.check.misread.add(name.text);
  if (found > 1 && wanted !== null && wanted !== found) {
    context.check.misread.add(name.text);
    const holes = { name: name.text, kind: writeInputKind(described), wanted, key: "from", found };
    if (isSound)
      context.report(
        report(taskRows.columnCount, holes, {
          span: entryOf(declaration.settings, "from")?.span ?? name.span,
          help:
            input.type.shape.length < 2 && (described.kind.word === "f32" || described.kind.word === "i32")
              ? `write \`${described.kind.word}[${found}]\``
              : undefined,
        }),
      );
  }
  if (isSound) return input;
  context.check.doubtfulInputs.push(input);
  return undefined;
}

function describeInput(
  context: Context,
  name: string,
  { row, settings, axes }: CheckedKind,
  span: Span,
  values: Readonly<Record<string, Value>>,
): Pick<Input, "kind" | "type" | "tokenizer"> | undefined {
  switch (row.name) {
    case "f32":
    case "i32": {
      const type: Type = { element: row.name, shape: axes.map((axis) => axis.size) };
      const along = axes.map((axis) => axis.axis);
      return { kind: { word: row.name }, type: along.some((axis) => axis !== null) ? { ...type, axes: along } : type };
    }
    case "category": {
      const cells = cellsOf(settings.values);
      if (cells && !areDistinct(context, cells, 1, span)) return undefined;
      const codes: Size = cells ? cells.length + 1 : sizeOf(context, `codes(${name})`);
      return {
        kind: { word: "category", ...(cells && { values: cells }) },
        type: { element: "i32", shape: [], codes },
      };
    }
    case "tokens": {
      const length = numberOf(settings.length);
      const tokenizer = isWord(values.tokenizer)
        ? values.tokenizer
        : defaultWord("tokenizer", "words", context.registry);
      const { vocabulary } = tokenizer.settings;
      const codes = typeof vocabulary === "number" ? vocabulary : sizeOf(context, `codes(${name})`);
      return {
        kind: { word: "tokens", length },
        type: { element: "i32", shape: [length], axes: [name], codes },
        tokenizer,
      };
    }
    case "image": {
      const [height, width, channels] = [settings.height, settings.width, settings.channels].map(numberOf);
      return {
        kind: { word: "image", height, width, channels },
        type: { element: "f32", shape: [height, width, channels] },
      };
    }
    default:
      throw new Error(`the kind of input ${row.name} has no type`);
  }
}

/** A size that only the data know, or its number once they are bound. */
export function sizeOf(context: Context, name: string): Size {
  return context.check.sizes[name] ?? addSizes(unknownSize(name));
}

function numberOf(value: Value | undefined): number {
  if (typeof value !== "number") throw new Error("a checked size was expected");
  return value;
}

/** A list of cells out of checked settings. */
export function cellsOf(value: Value | undefined): readonly Cell[] | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [value];
  if (!Array.isArray(value)) return undefined;
  const items: readonly Value[] = value;
  const cells = items.filter(
    (item) => typeof item === "string" || typeof item === "number" || typeof item === "boolean",
  );
  return cells.length === items.length ? cells : undefined;
}

/** A list of words out of checked settings; a single one is a list of one. */
export function wordsOf(value: Value | undefined): readonly Word[] {
  if (isWord(value)) return [value];
  if (!Array.isArray(value)) return [];
  const items: readonly Value[] = value;
  return items.filter(isWord);
}

/** Labels and values: enough of them, each once. */
export function areDistinct(context: Context, cells: readonly Cell[], least: number, span: Span): boolean {
  const seen = new Set<number | string>();
  const doubled = cells.find((cell) => {
    // What stands for one value, and what is one word in answers.
    const keys = [valueKey(cell), textOfCell(cell)];
    if (keys.some((key) => seen.has(key))) return true;
    for (const key of keys) seen.add(key);
    return false;
  });
  const problem =
    doubled !== undefined
      ? `${writeCell(doubled)} is in the list twice`
      : cells.length < least
        ? `the list has ${cells.length === 0 ? "no values" : `only ${cells.length} value`}, and at least ${least} are needed`
        : undefined;
  if (problem !== undefined) context.report(report(taskRows.badLabels, { problem }, { span }));
  return problem === undefined;
}

export function entryOf(settings: SettingsBlock | undefined, key: string): Expression | undefined {
  return settings?.entries.find((entry) => entry.key.text === key)?.value;
}

/** The columns of `from:` or `target:`; the declaration's own name without one. */
export function readFrom(
  context: Context,
  expression: Expression | undefined,
  name: string,
  span: Span,
  setting = "from",
): Columns | undefined {
  if (expression === undefined) return { kind: "names", names: [name], spans: [span] };
  return readColumns(context, expression, { setting, path: name, owner: name, source: false });
}

/** Keys that mean nothing for this kind. */
export function reportMisfits(
  context: Context,
  settings: SettingsBlock | undefined,
  keys: Readonly<Record<string, readonly string[]>>,
  kind: string,
  noun: "inputs" | "targets",
): void {
  for (const entry of settings?.entries ?? []) {
    const kinds = Object.hasOwn(keys, entry.key.text) ? keys[entry.key.text] : undefined;
    if (kinds === undefined || kinds.includes(kind)) continue;
    const fits = `${alternatives(kinds.map((one) => `\`${one}\``))} ${noun}`;
    context.report(report(rows.keyDoesNotFit, { key: entry.key.text, fits, kind }, { span: entry.key.span }));
  }
}
