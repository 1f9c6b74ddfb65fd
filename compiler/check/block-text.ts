import type { Expression, Parameter, Span } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { bindBlank, isChainBlock, kindOf, runBody } from "./blocks.ts";
import { constantValue } from "./constants.ts";
import { poison } from "./expressions.ts";
import { applyStep } from "./steps.ts";
import { reportUnknownName } from "./lookup.ts";
import { find, type Block, type Entity, type Scope } from "./scope.ts";
import { PathCounter, type Frame, type Session } from "./session.ts";
import { sortOf } from "./sorts.ts";
import { didYouMean, replaceWord, suggestRow } from "./suggest.ts";

/** Mistakes of blocks and chains that their own text shows, before anything is fed to them. */

/** Finds the mistakes of a block's own text, whatever it will be used with. */
export function checkBlock(session: Session, block: Block, library: boolean): void {
  const { declaration, scope } = block;
  const locals = new Map<string, Entity>();
  const frame: Frame = {
    scope: { ...scope, locals },
    owner: { name: block.name, task: false, ids: 0 },
    instructions: [],
    paths: new PathCounter(block.name),
  };
  const before = session.errors();
  const twice = (name: { readonly text: string; readonly span: Span }) => {
    const known = locals.get(name.text);
    if (!known) return;
    session.report(
      report(
        names.declaredTwice,
        { name: name.text },
        { span: name.span, labels: [{ span: known.declared.span, message: "declared before" }] },
      ),
    );
  };
  for (const parameter of declaration.parameters) {
    twice(parameter.name);
    checkParameter(session, block, parameter);
    bindBlank(locals, parameter);
  }
  for (const statement of declaration.statements) twice(statement.name);
  const fed = isChainBlock(session, block) ? poison(declaration.span) : null;
  runBody(session, frame, block, locals, fed);
  if (library || session.errors() !== before) return;
  for (const { declared, used } of locals.values())
    if (!used)
      session.report(report(names.unusedName, { name: declared.name, what: "the name" }, { span: declared.span }));
}

function checkParameter(session: Session, { scope }: Block, parameter: Parameter): void {
  const { type, fallback } = parameter;
  if (type === undefined) {
    if (fallback)
      session.report(
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
    const suggestion = suggestRow(word, session.registry.blockKind);
    session.report(
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
  if (word === "chain") checkChainText(session, scope, fallback);
  else constantValue(session, scope, fallback);
}

/** Finds the mistakes of a chain's own text, whatever is fed to it. */
export function checkChainText(session: Session, scope: Scope, expression: Expression): void {
  const sort = sortOf(session, scope, expression);
  if (sort === "tensor" || sort === "value") {
    const first = expression.kind === "pipeline" ? expression.steps[0] : expression;
    if (first.kind === "reference" && !find(scope, first.name.text)) {
      reportUnknownName(session, scope, first.name);
      return;
    }
    session.report(
      report(
        names.notAChain,
        { what: "a chain of layers" },
        { span: first.span, help: "what is computed from a tensor is declared with `shared`" },
      ),
    );
    return;
  }
  const frame: Frame = {
    scope,
    owner: { name: "", task: false, ids: 0 },
    instructions: [],
    paths: new PathCounter(""),
  };
  applyStep(session, frame, expression, poison(expression.span), expression.span.start);
}
