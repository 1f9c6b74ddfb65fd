import type {
  BlockDeclaration,
  Declaration,
  ImportDeclaration,
  Name,
  SourceTree,
  ValueDeclaration,
} from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { imports } from "../../diagnostics/imports.ts";
import type { SettingKind } from "../../registry/settings.ts";
import { checkBlock, checkChainText } from "../network/block-text.ts";
import { sortOf } from "../network/sorts.ts";
import type { Check } from "../context/check.ts";
import type { Context } from "../context/context.ts";
import type { FileScope } from "../context/scope.ts";
import { declare, declaredNames, refuseNames } from "./declarations.ts";
import { declarationAt } from "./followers.ts";
import { guesses } from "./guesses.ts";
import type { Libraries } from "./imports.ts";
import { touch } from "../names/lookup.ts";
import { didYouMean, mostGuessed, replaceWord, suggest, thereAre } from "../names/suggest.ts";
import { constantValue } from "../settings/constants.ts";
import { readSearch } from "../settings/search.ts";
import { isSearch, ungrouped } from "../settings/written.ts";

/** The declarations that any file may hold: imports, constants, layers and blocks. */

export function fileScope(check: Check, tree: SourceTree): FileScope {
  check.texts.set(tree.file, tree.text);
  refuseNames(check, tree);
  if (guesses(tree).length > 0) check.damaged.set(tree.file, tree.text);
  return {
    file: tree.file,
    entities: new Map(),
    declared: declaredNames(tree),
    early: new Set(),
    lost: false,
    mended: new Set(guesses(tree).map(({ span }) => declarationAt(tree, span.start))),
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

/** Handles a declaration that needs no model; false where it is another one. */
export function checkLibraryDeclaration(
  context: Context,
  libraries: Libraries,
  declaration: Declaration,
  library: boolean,
): boolean {
  switch (declaration.kind) {
    case "import":
      checkImport(context, libraries, declaration);
      return true;
    case "const":
      checkConst(context, declaration);
      return true;
    case "layer":
      checkLayer(context, declaration);
      return true;
    case "block":
      checkBlockDeclaration(context, declaration, library);
      return true;
    default:
      return false;
  }
}

function checkImport(context: Context, libraries: Libraries, declaration: ImportDeclaration): void {
  const { file } = context.scope;
  const from = libraries.load(declaration, file.file);
  let lacking = 0;
  for (const name of declaration.names) {
    const entity = from?.entities.get(name.text);
    if (entity) {
      declare(context, name, entity.declared.kind, entity.meaning);
      continue;
    }
    declare(context, name, "block", { kind: "unknown" });
    if (!from || context.check.damaged.has(from.file)) continue;
    const known = [...from.entities.keys()];
    const suggestion = ++lacking > mostGuessed ? undefined : suggest(name.text, known);
    // What was meant is there too, if the file uses it by its right name.
    const meant = suggestion === undefined ? undefined : from.entities.get(suggestion);
    if (meant && !file.declared.has(meant.declared.name))
      file.entities.set(meant.declared.name, {
        ...meant,
        declared: { ...meant.declared, span: name.span },
        index: context.scope.limit,
        used: true,
      });
    context.report(
      report(
        imports.noSuchName,
        { name: name.text, path: declaration.from?.value ?? "" },
        {
          span: name.span,
          help: didYouMean(suggestion) ?? thereAre(known),
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

function checkConst(context: Context, declaration: ValueDeclaration): void {
  const value = ungrouped(declaration.value);
  const name = declaration.name?.text ?? "";
  const constant = isSearch(value)
    ? readSearch(
        context,
        value,
        value.arguments.every((one) => one.value.kind !== "number" || Number.isInteger(one.value.value))
          ? { kind: "either", of: [{ kind: "int" }, ...searchable.of] }
          : searchable,
        { setting: name, path: name, owner: name, source: false },
      )
    : constantValue(context, value);
  declare(context, declaration.name, "const", { kind: "constant", value: constant });
}

function checkLayer(context: Context, declaration: ValueDeclaration): void {
  checkChainText(context, declaration.value);
  const sort = sortOf(context, declaration.value);
  const name = declaration.name;
  const layer = { name: name?.text ?? "", expression: declaration.value, scope: context.scope };
  declare(
    context,
    name,
    "layer",
    sort === "tensor" || sort === "value" ? { kind: "unknown" } : { kind: "layer", layer },
  );
}

function checkBlockDeclaration(context: Context, declaration: BlockDeclaration, library: boolean): void {
  const name = declaration.name?.text ?? "";
  const block = { declaration, name, scope: context.scope };
  checkBlock(context, block, library);
  declare(context, declaration.name, "block", { kind: "block", block });
}

/** `imprt { a, b } from …`: the names that were to be brought in. */
function namesInBraces(context: Context, { span }: Declaration): Name[] {
  const text = context.check.texts.get(span.file)?.slice(span.start) ?? "";
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
export function passOver(context: Context, declaration: Declaration): void {
  if ("value" in declaration && declaration.value) touch(context, declaration.value);
  if ("settings" in declaration && declaration.settings) touch(context, declaration.settings);
  if (declaration.kind !== "unknown") return;
  const found = declaration.name ? [declaration.name] : namesInBraces(context, declaration);
  for (const name of found) declare(context, name, "shared", { kind: "unknown" });
}
