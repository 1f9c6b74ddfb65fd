import type {
  BlockDeclaration,
  Declaration,
  ImportDeclaration,
  Name,
  SourceTree,
  ValueDeclaration,
} from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { imports } from "../diagnostics/imports.ts";
import type { SettingKind } from "../registry/settings.ts";
import { checkBlock, checkChainText } from "./block-text.ts";
import { constantValue } from "./constants.ts";
import { declare, declaredNames } from "./declarations.ts";
import { contextOf } from "./frame-context.ts";
import { declarationAt } from "./followers.ts";
import type { Libraries } from "./imports.ts";
import { touch } from "./lookup.ts";
import type { FileScope, Scope } from "./scope.ts";
import { readSearch } from "./search.ts";
import { PathCounter, type Frame, type Session } from "./session.ts";
import { sortOf } from "./sorts.ts";
import { didYouMean, replaceWord, suggest } from "./suggest.ts";
import { ungrouped, isSearch } from "./written.ts";

/** The declarations that any file may hold: imports, constants, layers and blocks. */

export function fileScope(session: Session, tree: SourceTree): FileScope {
  session.texts.set(tree.file, tree.text);
  if (tree.problems.length > 0) session.damaged.set(tree.file, tree.text);
  return {
    file: tree.file,
    entities: new Map(),
    declared: declaredNames(tree),
    early: new Set(),
    lost: false,
    mended: new Set(tree.problems.map(({ span }) => declarationAt(tree, span.start))),
    nameless: tree.declarations.some(isNameless),
    builtins: new Map(),
  };
}

/** A declaration whose name could not be read. */
function isNameless(declaration: Declaration): boolean {
  switch (declaration.kind) {
    case "const":
    case "input":
    case "layer":
    case "block":
    case "shared":
    case "task":
    case "penalty":
      return declaration.name === undefined;
    case "unknown":
      return declaration.name === undefined && declaration.word.text === "";
    default:
      return false;
  }
}

/** Where the expression of a declaration is worked out. */
export function declarationFrame(scope: FileScope, index: number, owner: string, task = false): Frame {
  return {
    scope: { file: scope, locals: null, limit: index },
    owner: { name: owner, task, ids: 0 },
    instructions: [],
    paths: new PathCounter(owner),
  };
}

/** Handles a declaration that needs no model; false where it is another one. */
export function checkLibraryDeclaration(
  session: Session,
  scope: FileScope,
  libraries: Libraries,
  declaration: Declaration,
  index: number,
  library: boolean,
): boolean {
  switch (declaration.kind) {
    case "import":
      checkImport(session, scope, libraries, declaration, index);
      return true;
    case "const":
      checkConst(session, scope, declaration, index);
      return true;
    case "layer":
      checkLayer(session, scope, declaration, index);
      return true;
    case "block":
      checkBlockDeclaration(session, scope, declaration, index, library);
      return true;
    default:
      return false;
  }
}

function checkImport(
  session: Session,
  scope: FileScope,
  libraries: Libraries,
  declaration: ImportDeclaration,
  index: number,
): void {
  const from = libraries.load(declaration, scope.file);
  for (const name of declaration.names) {
    const entity = from?.entities.get(name.text);
    if (entity) {
      declare(session, scope, name, entity.declared.kind, entity.meaning, index);
      continue;
    }
    declare(session, scope, name, "block", { kind: "unknown" }, index);
    if (!from || session.damaged.has(from.file)) continue;
    const suggestion = suggest(name.text, [...from.entities.keys()]);
    // What was meant is there too, if the file uses it by its right name.
    const meant = suggestion === undefined ? undefined : from.entities.get(suggestion);
    if (meant && !scope.declared.has(meant.declared.name))
      scope.entities.set(meant.declared.name, {
        ...meant,
        declared: { ...meant.declared, span: name.span },
        index,
        used: true,
      });
    session.report(
      report(
        imports.noSuchName,
        { name: name.text, path: declaration.from?.value ?? "" },
        {
          span: name.span,
          help: didYouMean(suggestion) ?? `it has ${[...from.entities.keys()].map((one) => `\`${one}\``).join(", ")}`,
          fixes: suggestion === undefined ? [] : [replaceWord(name.span, suggestion)],
        },
      ),
    );
  }
}

/** A constant may be searched for: whole numbers where both ends are whole. */
const searchable = {
  kind: "either",
  of: [{ kind: "number" }, { kind: "string" }, { kind: "bool" }],
} as const satisfies SettingKind;

function checkConst(session: Session, scope: FileScope, declaration: ValueDeclaration, index: number): void {
  const frame = declarationFrame(scope, index, declaration.name?.text ?? "");
  const value = ungrouped(declaration.value);
  const name = declaration.name?.text ?? "";
  const constant = isSearch(value)
    ? readSearch(
        value,
        value.arguments.every((one) => one.value.kind !== "number" || Number.isInteger(one.value.value))
          ? { kind: "either", of: [{ kind: "int" }, ...searchable.of] }
          : searchable,
        { setting: name, path: name, owner: name, source: false },
        contextOf(session, frame),
      )
    : constantValue(session, frame.scope, value);
  declare(session, scope, declaration.name, "const", { kind: "constant", value: constant }, index);
}

function checkLayer(session: Session, scope: FileScope, declaration: ValueDeclaration, index: number): void {
  const inner: Scope = { file: scope, locals: null, limit: index };
  checkChainText(session, inner, declaration.value);
  const sort = sortOf(session, inner, declaration.value);
  const name = declaration.name;
  const layer = { name: name?.text ?? "", expression: declaration.value, scope: inner };
  declare(
    session,
    scope,
    name,
    "layer",
    sort === "tensor" || sort === "value" ? { kind: "unknown" } : { kind: "layer", layer },
    index,
  );
}

function checkBlockDeclaration(
  session: Session,
  scope: FileScope,
  declaration: BlockDeclaration,
  index: number,
  library: boolean,
): void {
  const name = declaration.name?.text ?? "";
  const block = { declaration, name, scope: { file: scope, locals: null, limit: index } };
  checkBlock(session, block, library);
  declare(session, scope, declaration.name, "block", { kind: "block", block }, index);
}

/** `imprt { a, b } from …`: the names that were to be brought in. */
function namesInBraces(session: Session, { span }: Declaration): Name[] {
  const text = session.texts.get(span.file)?.slice(span.start) ?? "";
  const braces = /^\w*\s*\{([^{}:]*)\}/.exec(text);
  if (!braces) return [];
  const start = span.start + braces[0].indexOf("{") + 1;
  return [...braces[1].matchAll(/\w+/g)].map(({ 0: text, index }) => ({
    text,
    quoted: false,
    span: { file: span.file, start: start + index, end: start + index + text.length },
  }));
}

/** A declaration that has no meaning here: its names count as used, its own as declared. */
export function passOver(session: Session, scope: FileScope, declaration: Declaration, index: number): void {
  const inner: Scope = { file: scope, locals: null, limit: index };
  if ("value" in declaration && declaration.value) touch(inner, declaration.value);
  if ("settings" in declaration && declaration.settings) touch(inner, declaration.settings);
  if (declaration.kind !== "unknown") return;
  const found = declaration.name ? [declaration.name] : namesInBraces(session, declaration);
  for (const name of found) declare(session, scope, name, "shared", { kind: "unknown" }, index);
}
