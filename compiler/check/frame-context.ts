import type { Expression } from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { shapes } from "../diagnostics/shapes.ts";
import type { Axis, CheckContext, Declared } from "./context.ts";
import { constantValue, showValue } from "./constants.ts";
import { elaborate } from "./expressions.ts";
import { isDoubtful, reportTooEarly, use } from "./lookup.ts";
import { find, visibleNames, type Entity, type Scope } from "./scope.ts";
import type { Frame, Session } from "./session.ts";

/** The checker's common view from one place of the text; one object a frame. */
export function contextOf(session: Session, frame: Frame): CheckContext {
  const known = session.contexts.get(frame);
  if (known) return known;
  const { scope } = frame;
  const context: CheckContext = {
    registry: session.registry,
    sizes: session.sizes,
    names: {
      use: (name) => declaredOf(use(scope, name)),
      peek: (name) => declaredOf(find(scope, name)),
      doubtful: (name) => isDoubtful(session, scope, name) || session.isReported(scope.file.file, name),
      tooEarly: (text, span) => {
        const early = find(scope, text) === undefined && scope.file.declared.has(text);
        if (early) reportTooEarly(session, scope, { text, span });
        return early;
      },
      all: (kinds?: readonly Declared["kind"][]) =>
        visibleNames(scope, (entity) => kinds === undefined || kinds.includes(entity.declared.kind)),
    },
    report: (diagnostic) => session.report(diagnostic),
    errors: () => session.errors(),
    constant: (expression) => constantValue(session, scope, expression),
    axis: (expression) => axisOf(session, scope, expression),
    tensor: (expression) => {
      const tensor = elaborate(session, frame, expression);
      if (tensor.type === null) return undefined;
      session.settingTensors.set(tensor.value, tensor);
      return { value: tensor.value, type: tensor.type };
    },
    search: (search) => session.searches.set(search.path, search),
  };
  session.contexts.set(frame, context);
  return context;
}

/** A name declared with a mistake passes for a constant whose value is not known: nothing is said of it. */
function declaredOf(entity: Entity | undefined): Declared | undefined {
  return entity?.meaning.kind === "unknown" ? { ...entity.declared, kind: "const" } : entity?.declared;
}

function axisOf(session: Session, scope: Scope, expression: Expression): Axis | undefined {
  if (expression.kind === "reference") {
    const entity = find(scope, expression.name.text);
    if (entity?.meaning.kind === "tensor" && entity.declared.kind === "input") {
      entity.used = true;
      const { type } = entity.meaning.tensor;
      if (type === null) return undefined;
      const size = session.axes[entity.declared.name];
      if (size !== undefined) return { size, axis: entity.declared.name };
    }
  }
  const value = constantValue(session, scope, expression);
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return { size: value, axis: null };
  const { inner, left, right } = division(session, scope, expression);
  session.report(
    inner && typeof value === "number" && value > 0
      ? report(shapes.divisionNotWhole, { left, right }, { span: expression.span })
      : report(
          names.noArithmetic,
          { problem: `an axis is a whole number from 1, and this is ${showValue(value)}` },
          { span: expression.span },
        ),
  );
  return undefined;
}

/** The two sides of an expression that is a quotient of numbers. */
function division(session: Session, scope: Scope, expression: Expression) {
  const bare = expression.kind === "group" ? expression.inner : expression;
  if (bare.kind !== "binary" || bare.operator !== "/") return { inner: false, left: 0, right: 0 };
  const left = constantValue(session, scope, bare.left);
  const right = constantValue(session, scope, bare.right);
  return typeof left === "number" && typeof right === "number"
    ? { inner: true, left, right }
    : { inner: false, left: 0, right: 0 };
}
