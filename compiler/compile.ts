import { parse } from "../grammar/parse.ts";
import type { SourceTree } from "../grammar/tree.ts";
import { Check } from "./check/context/check.ts";
import { Context } from "./check/context/context.ts";
import { advise } from "./check/files/advice.ts";
import { checkNames } from "./check/files/declarations.ts";
import { checkLibraryDeclaration, fileScope, passOver } from "./check/files/file.ts";
import { withoutFollowers } from "./check/files/followers.ts";
import { isModelFile, Libraries, type Library, type Read } from "./check/files/imports.ts";
import { modelParts, Program } from "./check/files/program.ts";
import { recursion } from "./check/files/recursion.ts";
import { withoutForeignCalls } from "./check/foreign/foreign-calls.ts";
import { otherLanguage } from "./check/files/other-languages.ts";
import { syntaxDiagnostics } from "./check/files/syntax.ts";
import { expectWhole } from "./check/files/whole.ts";
import type { Understood } from "./check/files/understood.ts";
import { report, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";
import type { Model } from "./ir/model.ts";
import { registry } from "./registry/index.ts";
import { oversized } from "./oversized.ts";
import { applyOverrides, type Override } from "./overrides.ts";
import type { Registry } from "./registry/registry.ts";
import { unbuiltWords } from "./unbuilt.ts";

export interface CompileOptions {
  /** The file's name, for places in diagnostics and the paths of imports. */
  readonly file?: string;
  /** Brings the text of an imported file: its path as written, and the file that imports it. Null where there is none. */
  readonly read?: Read;
  /** Sizes that the data told, by name: `labels(species)`, `codes(island)`. With them all sizes are numbers. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Keys of `train` set from outside the file. */
  readonly overrides?: readonly Override[];
  /** The words of the language; its own where absent. */
  readonly registry?: Registry;
}

export interface Compilation {
  /** Null for a library, and where there is an error. */
  readonly model: Model | null;
  /** What can be looked at in the data, where there are errors too; null for a library. */
  readonly understood: Understood | null;
  /** In the order of the text, the file's own first. */
  readonly diagnostics: readonly Diagnostic[];
  /** The trees of the file and of all that it imports, by file. */
  readonly trees: ReadonlyMap<string, SourceTree>;
  /** True for a file that only holds names for others to import. */
  readonly library: boolean;
}

/** Reads and checks a file: finds every mistake in one go, and says what the file means. Pure. */
export function compile(source: string, options: CompileOptions = {}): Compilation {
  const file = options.file ?? "model.mtl";
  const check = new Check(options.registry ?? registry, options.sizes ?? {});
  const trees = new Map<string, SourceTree>();
  const open = (path: string, text: string): SourceTree => {
    const { tree, diagnostics } = withoutForeignCalls(parse(text, path), check.registry);
    trees.set(path, tree);
    for (const diagnostic of diagnostics) check.report(diagnostic);
    for (const diagnostic of syntaxDiagnostics(tree.problems, text)) check.report(diagnostic);
    return tree;
  };
  const language = otherLanguage(source);
  if (language !== undefined) return notAProgram(parse(source, file), language);
  const given = open(file, source);
  const library = !given.declarations.some(({ kind }) => modelParts.has(kind));
  // A library has nothing that keys of `train` could be set in.
  const written = applyOverrides(given, library ? [] : (options.overrides ?? []));
  const main = written.tree;
  for (const tree of written.texts) trees.set(tree.file, tree);
  for (const diagnostic of written.diagnostics) check.report(diagnostic);
  const libraries: Libraries = new Libraries(check, file, options.read, (path, text): Library => {
    const tree = open(path, text);
    return isModelFile(tree) ? { kind: "model" } : { kind: "names", scope: checkLibrary(check, libraries, tree) };
  });
  let model: Model | null = null;
  let parts: Understood | null = null;
  if (library) {
    checkLibrary(check, libraries, main);
  } else {
    const scope = fileScope(check, main);
    check.main = scope;
    const program = new Program(Context.ofFile(check, recursion, scope), libraries, main);
    const checked = program.check();
    parts = program.understood(checked);
    if (check.errors() === 0) {
      expectWhole(checked, main, scope);
      for (const large of oversized(checked, check.registry)) check.report(large);
    }
    if (check.errors() === 0) {
      model = checked;
      // Here nothing stops at it; training does.
      for (const one of unbuiltWords(checked, check.registry)) check.report({ ...one, severity: "warning" });
      for (const advice of advise(checked, check.registry)) check.report(advice);
    }
  }
  const order = [...trees.keys()];
  const place = ({ span }: Diagnostic) => (span ? order.indexOf(span.file) : order.length);
  const diagnostics = withoutFollowers(check.diagnostics, trees).sort(
    (a, b) => place(a) - place(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0),
  );
  // A mistake may go without its message where it follows from another's, which then is there.
  if (check.errors() > 0 && !diagnostics.some(({ severity }) => severity === "error"))
    throw new Error("a mistake was found, and nothing said so");
  return { model, understood: parts, diagnostics, trees, library };
}

/** One message for a file of another kind, whatever in it cannot be read. */
function notAProgram(tree: SourceTree, language: string): Compilation {
  const start = tree.text.search(/\S/);
  const end = tree.text.slice(start).search(/\s*(\n|$)/) + start;
  const help =
    language === "a table of data"
      ? 'a program names it: `data { train: csv("rows.csv") }`'
      : "a program opens with `model Name`, then come `input`, `task`, `train` and `data`";
  const diagnostic = report(syntax.otherLanguage, { language }, { span: { file: tree.file, start, end }, help });
  return {
    model: null,
    understood: null,
    diagnostics: [diagnostic],
    trees: new Map([[tree.file, tree]]),
    library: false,
  };
}

/** Checks a file of names to import. */
function checkLibrary(check: Check, libraries: Libraries, tree: SourceTree) {
  const context = Context.ofFile(check, recursion, fileScope(check, tree));
  tree.declarations.forEach((declaration, index) => {
    const here = context.declaration(index);
    if (!checkLibraryDeclaration(here, libraries, declaration, true)) passOver(here, declaration);
  });
  checkNames(context, true);
  return context.scope.file;
}
