import type { Call, Declaration, Expression, SourceTree, Span } from "../../../grammar/tree.ts";
import { report, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { wordTable, type Registry } from "../../registry/registry.ts";
import type { WordTable } from "../../registry/settings.ts";
import { type DeclaredNames, type Form, Translator } from "./translate.ts";
import { writtenAgain } from "./written-again.ts";

/**
 * Reads layers that are applied as in other languages (`relu(dense(32)(x))`, `F.relu(x)`, `Sequential([…])`) as what they mean:
 * one message for each, with the same in our words, and a tree that can be checked like any other.
 */
export function withoutForeignCalls(
  tree: SourceTree,
  registry: Registry,
): { readonly tree: SourceTree; readonly diagnostics: readonly Diagnostic[] } {
  const { text, problems } = tree;
  const marks = problems.filter(
    ({ kind, found, replacement }) => (kind === "expected" && found === "=" && replacement === ":") || kind === "tuple",
  );
  const isForeign = ({ span }: Call) => marks.some((mark) => mark.kind === "expected" && isWithin(mark.span, span));
  const declared = declaredIn(tree);
  const diagnostics: Diagnostic[] = [];
  const places: Span[] = [];
  const layers = [...registry.layer.values()].filter(({ callable }) => callable);
  const read: Read = (expression, rows, wantsTensor) => {
    const translator = new Translator(registry, rows, declared, isForeign);
    // `[x, dense(32), relu]`: steps in a list.
    const listed =
      rows === layers && expression.kind === "list" && expression.items.some((item) => translator.isUnfed(item));
    const forms: readonly Form[] = listed ? ["sequence"] : translator.forms(expression);
    if (forms.length === 0) return expression;
    let shown = expression.span;
    if (expression.kind === "pipeline") {
      // The steps in another form are the smallest place that must change.
      const foreign = expression.steps.filter((step) => translator.forms(step).length > 0);
      const at = expression.steps.indexOf(foreign[0]);
      if (foreign.length > 0) shown = { ...shown, start: foreign[0].span.start, end: foreign.at(-1)!.span.end };
      if (foreign.length === 1)
        return { ...expression, steps: expression.steps.with(at, read(foreign[0], rows, wantsTensor && at === 0)) };
    }
    const { span } = expression;
    const steps =
      listed && expression.kind === "list" ? { kind: "pipeline" as const, steps: expression.items, span } : expression;
    const made = { ...translator.translate(steps), span };
    const unfed = wantsTensor && translator.isUnfed(made);
    const written = `${unfed ? "x -> " : ""}${writtenAgain(made, text)}`;
    places.push(span);
    const fixes = unfed ? [] : [{ title: "write it so", edits: [{ span, text: written }] }];
    diagnostics.push(
      report(names.foreignCall, { form: leading(forms) }, { span: shown, help: `write \`${written}\``, fixes }),
    );
    if (!unfed) return made;
    // What is to be fed is not known: the rest is checked all the same.
    const nothing: Expression = { kind: "missing", span: { ...span, end: span.start } };
    return { kind: "pipeline", steps: [nothing, ...(made.kind === "pipeline" ? made.steps : [made])], span };
  };
  const declarations = tree.declarations.map((declaration) => translated(declaration, read, layers, registry));
  if (places.length === 0) return { tree, diagnostics };
  const rest = problems.filter(
    (problem) => !marks.includes(problem) || !places.some((place) => isWithin(problem.span, place)),
  );
  return { tree: { ...tree, declarations, problems: rest }, diagnostics };
}

type Rows = ConstructorParameters<typeof Translator>[1];
type Read = (expression: Expression, rows: Rows, wantsTensor: boolean) => Expression;

/** The form that says most of what is meant. */
function leading(forms: readonly Form[]): Form {
  return (["applied", "sequence", "module"] as const).find((form) => forms.includes(form)) ?? "keywords";
}

/** A declaration whose networks and words were read again. */
function translated(declaration: Declaration, read: Read, layers: Rows, registry: Registry): Declaration {
  switch (declaration.kind) {
    case "layer":
      return { ...declaration, value: read(declaration.value, layers, false) };
    case "shared":
    case "penalty":
      return { ...declaration, value: read(declaration.value, layers, true) };
    case "block":
      return {
        ...declaration,
        statements: declaration.statements.map((one) => ({ ...one, value: read(one.value, layers, false) })),
        result: read(declaration.result, layers, false),
      };
    case "input":
    case "task":
    case "train":
    case "data": {
      const { settings } = declaration;
      if (!settings) return declaration;
      const entries = settings.entries.map((entry) => {
        const isNetwork = declaration.kind === "task" && /^(head|probability)$/.test(entry.key.text);
        const rows = isNetwork ? layers : rowsAt(declaration.kind, entry.key.text, registry);
        return { ...entry, value: read(entry.value, rows, isNetwork) };
      });
      return { ...declaration, settings: { ...settings, entries } };
    }
    default:
      return declaration;
  }
}

/** The words that may stand at a key. */
function rowsAt(kind: string, key: string, registry: Registry): Rows {
  if (kind === "data") return registry.source.values();
  const tables = {
    ...{
      optimizer: "optimizer",
      loss: "loss",
      metrics: "metric",
      schedule: "schedule",
      balance: "balance",
      stop: "stop",
    },
    ...{ clip: "clip", average: "average", penalty: "penalty", tokenizer: "tokenizer", augment: "augment" },
  } as const satisfies Readonly<Record<string, WordTable>>;
  return isKey(tables, key) ? wordTable(registry, tables[key]).values() : [];
}

function isKey<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key);
}

function declaredIn({ declarations }: SourceTree): DeclaredNames {
  const all = new Set<string>();
  const tensors = new Set<string>();
  for (const declaration of declarations) {
    if (declaration.kind === "import") for (const { text } of declaration.names) all.add(text);
    else if ("name" in declaration && declaration.name) {
      all.add(declaration.name.text);
      if (/^(input|shared|task|unknown)$/.test(declaration.kind)) tensors.add(declaration.name.text);
    }
    if (declaration.kind !== "block") continue;
    for (const { name, type } of declaration.parameters) {
      all.add(name.text);
      if (type === undefined) tensors.add(name.text);
    }
    for (const { name } of declaration.statements) {
      all.add(name.text);
      tensors.add(name.text);
    }
  }
  return { all, tensors };
}

function isWithin(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}
