import { parse } from "../grammar/parse.ts";
import type { SourceTree } from "../grammar/tree.ts";
import { advise } from "./check/advice.ts";
import { checkNames } from "./check/declarations.ts";
import { checkLibraryDeclaration, fileScope, passOver } from "./check/file.ts";
import { withoutFollowers } from "./check/followers.ts";
import { isModelFile, Libraries, type Library, type Read } from "./check/imports.ts";
import { modelParts, Program } from "./check/program.ts";
import { Session } from "./check/session.ts";
import { syntaxDiagnostic } from "./check/syntax.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import type { Model } from "./ir/model.ts";
import { registry as language } from "./registry/index.ts";
import { applyOverrides, type Override } from "./overrides.ts";
import type { Registry } from "./registry/registry.ts";

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
  const session = new Session(options.registry ?? language, options.sizes ?? {});
  const trees = new Map<string, SourceTree>();
  const open = (path: string, text: string): SourceTree => {
    const tree = parse(text, path);
    trees.set(path, tree);
    for (const problem of tree.problems) session.report(syntaxDiagnostic(problem, text));
    return tree;
  };
  const given = open(file, source);
  const library = !given.declarations.some(({ kind }) => modelParts.has(kind));
  // A library has nothing that keys of `train` could be set in.
  const written = applyOverrides(given, library ? [] : (options.overrides ?? []));
  const main = written.tree;
  for (const tree of written.texts) trees.set(tree.file, tree);
  for (const diagnostic of written.diagnostics) session.report(diagnostic);
  const libraries: Libraries = new Libraries(session, file, options.read, (path, text): Library => {
    const tree = open(path, text);
    return isModelFile(tree) ? { kind: "model" } : { kind: "names", scope: checkLibrary(session, libraries, tree) };
  });
  let model: Model | null = null;
  if (library) {
    checkLibrary(session, libraries, main);
  } else {
    const scope = fileScope(session, main);
    session.main = scope;
    const checked = new Program(session, scope, libraries, main).check();
    if (session.errors() === 0) {
      model = checked;
      for (const advice of advise(checked, session.registry)) session.report(advice);
    }
  }
  const order = [...trees.keys()];
  const place = ({ span }: Diagnostic) => (span ? order.indexOf(span.file) : order.length);
  const diagnostics = withoutFollowers(session.diagnostics, trees).sort(
    (a, b) => place(a) - place(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0),
  );
  return { model, diagnostics, trees, library };
}

/** Checks a file of names to import. */
function checkLibrary(session: Session, libraries: Libraries, tree: SourceTree) {
  const scope = fileScope(session, tree);
  tree.declarations.forEach((declaration, index) => {
    if (!checkLibraryDeclaration(session, scope, libraries, declaration, index, true))
      passOver(session, scope, declaration, index);
  });
  checkNames(session, scope, true);
  return scope;
}
