import type { Argument, Call, Expression, Name, Span } from "../../../grammar/tree.ts";
import { wordTable, type Registry } from "../../registry/registry.ts";
import type { RowBase } from "../../registry/settings.ts";
import { alternativesOf } from "../context/spot.ts";
import { modules, sequences, sizesFirst } from "./modules.ts";
import { settingCalled } from "../names/suggest.ts";

/** Settings of other libraries that say nothing here. */
const idle =
  /^(in_features|in_channels|input_dim|input_size|input_shape|batch_input_shape|num_embeddings|vocab_size|name|inplace|dtype|device|batch_first|data_format|axis|dim|params|reduction|from_logits)$/;

/** Layers elsewhere that have marks here. */
const operators: ReadonlyMap<string, "+" | "-" | "*" | "/"> = new Map([
  ...(["add", "plus"] as const).map((name) => [name, "+"] as const),
  ...(["sub", "subtract"] as const).map((name) => [name, "-"] as const),
  ...(["mul", "multiply"] as const).map((name) => [name, "*"] as const),
]);

/** A word of a table; layers also say how many tensors they take. */
type WordRow = RowBase & { readonly operands?: { readonly max: number }; readonly chains?: object };

/** What a file declares: any name, and those of tensors. */
export interface DeclaredNames {
  readonly all: ReadonlySet<string>;
  readonly tensors: ReadonlySet<string>;
}

export type Form = "applied" | "sequence" | "module" | "keywords";

/** Puts foreign applications of layers, and foreign calls of other words, into ours, expression by expression. */
export class Translator {
  private readonly registry: Registry;
  private readonly declared: DeclaredNames;
  private readonly ours: ReadonlyMap<string, WordRow>;
  /** Whether a call has arguments in a form of other languages (`units=32`). */
  private readonly isForeign: (call: Call) => boolean;

  constructor(
    registry: Registry,
    rows: Iterable<WordRow>,
    declared: DeclaredNames,
    isForeign: (call: Call) => boolean,
  ) {
    this.registry = registry;
    this.declared = declared;
    this.isForeign = isForeign;
    this.ours = new Map(
      [...rows].flatMap((row) => [...(row.aliases ?? []), row.name].map((name) => [plain(name), row] as const)),
    );
  }

  /** The forms in an expression that the language does not have. */
  forms(expression: Expression): readonly Form[] {
    switch (expression.kind) {
      case "call":
        return [...this.formOf(expression), ...expression.arguments.flatMap(({ value }) => this.forms(value))];
      case "member":
        return this.isModule(expression) ? ["module"] : [];
      case "pipeline":
        return expression.steps.flatMap((step) => this.forms(step));
      case "binary":
        return [...this.forms(expression.left), ...this.forms(expression.right)];
      case "group":
        return this.forms(expression.inner);
      case "negate":
        return this.forms(expression.operand);
      case "list":
        return expression.items.flatMap((item) => this.forms(item));
      default:
        return [];
    }
  }

  private formOf(call: Call): readonly Form[] {
    const { callee, name } = call;
    if (
      sequences.has(name.text) &&
      (callee === undefined || this.isModule(callee)) &&
      !this.declared.all.has(name.text)
    )
      return ["sequence"];
    if (callee !== undefined)
      return [this.isModule(callee) ? "module" : "applied", ...(callee.kind === "member" ? [] : this.forms(callee))];
    if (this.declared.all.has(name.text)) return [];
    const [first] = call.arguments;
    if (first && this.isFedBy(this.ours.get(plain(name.text)), first)) return ["applied"];
    return this.isForeign(call) && this.ours.has(plain(name.text)) ? ["keywords"] : [];
  }

  /** Whether an expression begins with a layer that nothing is fed to. */
  isUnfed(expression: Expression): boolean {
    if (expression.kind === "pipeline") return this.isUnfed(expression.steps[0]);
    if (expression.kind === "group") return this.isUnfed(expression.inner);
    if (expression.kind !== "reference" && expression.kind !== "call") return false;
    const isLayer = !this.declared.all.has(expression.name.text) && this.ours.has(plain(expression.name.text));
    return (
      isLayer && (expression.kind === "reference" || !expression.arguments.some(({ value }) => this.isTensor(value)))
    );
  }

  /** `relu(dense(32))`: a layer stands where a tensor is fed, in one that takes no chains. */
  private isFedBy(row: WordRow | undefined, { name, value }: Argument): boolean {
    return row?.operands?.max === 1 && row.chains === undefined && name === undefined && this.isUnfed(value);
  }

  /** The same in our words. */
  translate(expression: Expression): Expression {
    switch (expression.kind) {
      case "call":
        return this.call(expression);
      case "reference": {
        const { text } = expression.name;
        if (/^(True|False)$/.test(text) && !this.declared.all.has(text))
          return { kind: "boolean", value: text === "True", span: expression.span };
        return { ...expression, name: this.layerName(expression.name) };
      }
      case "member":
        return this.isModule(expression)
          ? { kind: "reference", name: this.layerName(expression.member), span: expression.span }
          : expression;
      case "pipeline":
        return pipeline(expression.steps.map((step) => this.translate(step)));
      case "binary":
        return { ...expression, left: this.translate(expression.left), right: this.translate(expression.right) };
      case "group":
        return { ...expression, inner: this.translate(expression.inner) };
      case "negate":
        return { ...expression, operand: this.translate(expression.operand) };
      case "list":
        return { ...expression, items: expression.items.map((item) => this.translate(item)) };
      default:
        return expression;
    }
  }

  private call(call: Call): Expression {
    const { callee, span } = call;
    if (callee === undefined || callee.kind === "reference") return this.plainCall(call);
    if (callee.kind === "member") {
      const plainCall = { ...call, callee: undefined };
      if (this.isModule(callee)) return this.plainCall(plainCall);
      // `x.dense(32)`: what stands before the dot is fed.
      return pipeline([this.translate(callee.object), this.plainCall(plainCall)]);
    }
    const applied = this.translate(callee);
    const fed = this.fed(call.arguments);
    if (fed.length === 0) return applied;
    if (fed.length === 1) return pipeline([fed[0], applied]);
    const given: Argument[] = fed.map((value) => ({ value, span: value.span }));
    const operator = applied.kind === "reference" ? operators.get(plain(applied.name.text)) : undefined;
    if (operator)
      return fed.reduce((left, right) => ({ kind: "binary", operator, operatorSpan: span, left, right, span }));
    if (applied.kind === "reference") return { kind: "call", name: applied.name, arguments: given, span };
    return applied.kind === "call" ? { ...applied, arguments: [...given, ...applied.arguments], span } : applied;
  }

  /** What a layer is applied to: a list of tensors is several. */
  private fed(given: readonly Argument[]): readonly Expression[] {
    const values = given.filter(({ name }) => name === undefined).map(({ value }) => value);
    const [first] = values;
    const list = values.length === 1 && first.kind === "list" ? first.items : values;
    return list.map((value) => this.translate(value));
  }

  private plainCall(call: Call): Expression {
    const { name, span } = call;
    if (sequences.has(name.text) && !this.declared.all.has(name.text)) {
      const layers = this.fed(call.arguments);
      return layers.length === 0 ? { kind: "reference", name, span } : { ...pipeline(layers), span };
    }
    const row = this.declared.all.has(name.text) ? undefined : this.ours.get(plain(name.text));
    const given = row && row.name !== name.text ? withoutSizes(name.text, call.arguments) : call.arguments;
    const steps: Expression[] = [];
    const kept: Argument[] = [];
    let operand: Expression | undefined;
    for (const argument of given) {
      const own = argument.name?.text;
      const listed = own === undefined && argument.value.kind === "list" ? argument.value.items : [];
      if (row && (row.operands?.max ?? 0) > 1 && listed.length > 0) {
        kept.push(...listed.map((item) => ({ value: this.translate(item), span: item.span })));
        continue;
      }
      const value = this.translate(argument.value);
      if (
        own === undefined &&
        operand === undefined &&
        kept.length === 0 &&
        (this.isTensor(value) || this.isFedBy(row, argument))
      )
        operand = value;
      else if (own !== undefined && row && /^activation(_fn)?$/.test(own)) steps.push(...this.activation(value));
      else if (own !== undefined && row && !Object.hasOwn(row.settings, own) && idle.test(own)) continue;
      else kept.push(this.setting(row, argument, value));
    }
    const several =
      operand !== undefined && (row?.operands?.max ?? 1) > 1 && kept.some(({ name }) => name === undefined);
    if (operand !== undefined && (several || !row)) kept.unshift({ value: operand, span: operand.span });
    const layer = this.layerName(name);
    const settings = row ? inList(row, kept) : kept;
    const applied: Expression =
      settings.length === 0
        ? { kind: "reference", name: layer, span }
        : { kind: "call", name: layer, arguments: settings, span };
    return pipeline([...(operand && !several && row ? [operand] : []), applied, ...steps]);
  }

  /** One setting in our words: the first of a layer without its name. */
  private setting(row: WordRow | undefined, argument: Argument, value: Expression): Argument {
    const { name } = argument;
    const ours = row && name ? settingCalled(name.text, Object.keys(row.settings)) : undefined;
    if (!row || ours === undefined) return { ...argument, value };
    const { first, kind } = row.settings[ours];
    const word = value.kind === "string" ? value.value : "";
    const isWord = alternativesOf(kind).some(
      (one) =>
        (one.kind === "word" && wordTable(this.registry, one.table).has(word)) ||
        (one.kind === "choice" && one.words.includes(word)),
    );
    const isPath = kind.kind === "path" && /^[a-z_]+[._]?\w+$/.test(word);
    const meant: Expression = isPath
      ? path(word.replace(/^val_/, "validation."), value.span)
      : isWord
        ? { kind: "reference", name: { text: word, quoted: false, span: value.span }, span: value.span }
        : value;
    return first
      ? { value: meant, span: argument.span }
      : { ...argument, value: meant, ...(name && { name: { ...name, text: ours } }) };
  }

  private activation(value: Expression): readonly Expression[] {
    const word = value.kind === "string" ? value.value : value.kind === "reference" ? value.name.text : undefined;
    if (word === undefined || /^(linear|None|none)$/.test(word)) return [];
    const name = this.layerName({ text: word, quoted: false, span: value.span });
    return [{ kind: "reference", name, span: value.span }];
  }

  private isTensor(value: Expression): boolean {
    switch (value.kind) {
      case "reference":
        return this.declared.tensors.has(value.name.text);
      case "pipeline":
        return this.isTensor(value.steps[0]);
      case "group":
        return this.isTensor(value.inner);
      case "binary":
        return this.isTensor(value.left) || this.isTensor(value.right);
      case "member":
        return true;
      case "call":
        return value.arguments.some((argument) => this.isTensor(argument.value));
      default:
        return false;
    }
  }

  private isModule(expression: Expression): boolean {
    let root = expression;
    while (root.kind === "member") root = root.object;
    return (
      root !== expression &&
      root.kind === "reference" &&
      !this.declared.all.has(root.name.text) &&
      modules.has(root.name.text)
    );
  }

  private layerName(name: Name): Name {
    const row = this.declared.all.has(name.text) ? undefined : this.ours.get(plain(name.text));
    return row ? { ...name, text: row.name } : name;
  }
}

function withoutSizes(name: string, given: readonly Argument[]): readonly Argument[] {
  const rule = sizesFirst.get(name);
  if (rule === undefined) return given;
  const plainOnes = given.filter(({ name }) => name === undefined);
  const skipped = plainOnes.length > (/Norm/.test(name) ? 0 : rule.skip) ? rule.skip : 0;
  return given
    .filter((argument) => !plainOnes.slice(0, skipped).includes(argument))
    .map((argument, at) => {
      const label = argument.name === undefined && at > 0 ? rule.then[at] : undefined;
      return label ? { ...argument, name: { text: label, quoted: false, span: argument.span } } : argument;
    });
}

/** `reshape(-1, 8, 8)`: sizes one by one, the batch in front of them, of a layer whose first setting is a list. */
function inList({ settings }: WordRow, given: readonly Argument[]): readonly Argument[] {
  const isListed = Object.values(settings).some(({ first, kind }) => first && kind.kind === "list");
  const plainOnes = given.filter(({ name }) => name === undefined);
  if (!isListed || plainOnes.length === 0 || plainOnes.some(({ value }) => !isNumber(value))) return given;
  const sizes = plainOnes.map(({ value }) => value).filter((value, at) => at > 0 || value.kind !== "negate");
  const span = { ...plainOnes[0].span, end: plainOnes[plainOnes.length - 1].span.end };
  const list: Argument = { value: { kind: "list", items: sizes, span }, span };
  return [list, ...given.filter(({ name }) => name !== undefined)];
}

const isNumber = (value: Expression): boolean =>
  value.kind === "number" || (value.kind === "negate" && value.operand.kind === "number");

/** `validation.loss`. */
function path(text: string, span: Span): Expression {
  const [first, ...others] = text.split(".").map((part) => ({ text: part, quoted: false, span }));
  const root: Expression = { kind: "reference", name: first, span };
  return others.reduce<Expression>((object, member) => ({ kind: "member", object, member, span }), root);
}

/** Steps one after another, taken out of one another. */
function pipeline(steps: readonly Expression[]): Expression {
  const flat = steps.flatMap((step) => {
    const inner = step.kind === "group" && step.inner.kind === "pipeline" ? step.inner : step;
    return inner.kind === "pipeline" ? inner.steps : [inner];
  });
  if (flat.length === 1) return flat[0];
  const { file } = flat[0].span;
  const start = Math.min(...flat.map(({ span }) => span.start));
  const end = Math.max(...flat.map(({ span }) => span.end));
  return { kind: "pipeline", steps: flat, span: { file, start, end } };
}

/** `BatchNorm2d`, `batch_norm2d` and `batchnorm2d` are alike. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}
