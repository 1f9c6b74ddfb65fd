import type { Expression, Parameter, Span } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import type { Context } from "../context/context.ts";
import { type Block, type Entity, find } from "../context/scope.ts";
import { reportUnknownName } from "../names/lookup.ts";
import { didYouMean, replaceWord, suggestRow } from "../names/suggest.ts";
import { bindBlank, isChainBlock, kindOf, runBody } from "./blocks.ts";
import { sortOf } from "./sorts.ts";
import { poison } from "./tensors.ts";
import { constantValue } from "../settings/constants.ts";

/** Mistakes of blocks and chains that their own text shows, before anything is fed to them. */

/** Finds the mistakes of a block's own text, whatever it will be used with. */
export function checkBlock(outer: Context, block: Block, library: boolean): void {
  const { declaration, scope } = block;
  const locals = new Map<string, Entity>();
  const context = outer.at({ scope: { ...scope, locals } }).ownedBy(block.name);
  const before = context.errors();
  const twice = (name: { readonly text: string; readonly span: Span }) => {
    const known = locals.get(name.text);
    if (!known) return;
    context.report(
      report(
        names.declaredTwice,
        { name: name.text },
        { span: name.span, labels: [{ span: known.declared.span, message: "declared before" }] },
      ),
    );
  };
  for (const parameter of declaration.parameters) {
    twice(parameter.name);
    checkParameter(outer.at({ scope }), parameter);
    bindBlank(locals, parameter);
  }
  for (const statement of declaration.statements) twice(statement.name);
  const fed = isChainBlock(context, block) ? poison(declaration.span) : null;
  runBody(context, block, locals, fed);
  if (library || context.errors() !== before) return;
  for (const { declared, used } of locals.values())
    if (!used)
      context.report(report(names.unusedName, { name: declared.name, what: "the name" }, { span: declared.span }));
}

function checkParameter(context: Context, parameter: Parameter): void {
  const { type, fallback } = parameter;
  if (type === undefined) {
    if (fallback)
      context.report(
        report(
          names.unknownKind,
          { name: "", where: "a setting with a default" },
          { span: parameter.span, help: `say what it is: \`${parameter.name.text}: number = …\`` },
        ),
      );
    return;
  }
  const word = type.name.text;
  if (word !== "chain" && kindOf(word) === undefined) {
    const suggestion = suggestRow(word, context.registry.blockKind);
    context.report(
      report(
        names.unknownKind,
        { name: word, where: "a block's setting" },
        {
          span: type.name.span,
          help: didYouMean(suggestion) ?? "kinds are `int`, `number`, `bool`, `string`, `list` and `chain`",
          fixes: suggestion === undefined ? [] : [replaceWord(type.name.span, suggestion)],
        },
      ),
    );
  }
  if (fallback === undefined) return;
  if (word === "chain") checkChainText(context, fallback);
  else constantValue(context, fallback);
}

/** Finds the mistakes of a chain's own text, whatever is fed to it. */
export function checkChainText(context: Context, expression: Expression): void {
  const sort = sortOf(context, expression);
  if (sort === "tensor" || sort === "value") {
    const first = expression.kind === "pipeline" ? expression.steps[0] : expression;
    if (first.kind === "reference" && !find(context.scope, first.name.text)) {
      reportUnknownName(context, first.name);
      return;
    }
    context.report(
      report(
        names.notAChain,
        { what: "a chain of layers" },
        { span: first.span, help: "what is computed from a tensor is declared with `shared`" },
      ),
    );
    return;
  }
  context.ownedBy("").step(expression, poison(expression.span), expression.span.start);
}
