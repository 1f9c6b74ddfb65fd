import type { ImportDeclaration, SourceTree } from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { imports } from "../../diagnostics/imports.ts";
import type { Check } from "../context/check.ts";
import type { FileScope } from "../context/scope.ts";

/** Brings the text of an imported file: the path as written, and the file that it is written in. Null where there is none. */
export type Read = (path: string, from: string) => string | null;

/** What became of a file that was imported. */
export type Library =
  { readonly kind: "names"; readonly scope: FileScope } | { readonly kind: "model" } | { readonly kind: "open" };

/** No project has so many files in a row; whoever descends would run out of stack. */
const deepest = 100;

/** Files that imports lead to, each read and checked once. */
export class Libraries {
  private readonly check: Check;
  private readonly read: Read | undefined;
  private readonly open: (path: string, text: string) => Library;
  /** The folder of the model, ending in a slash; empty for the current one. */
  private readonly folder: string;
  private readonly known = new Map<string, Library>();
  /** Files that are open at once, each imported by the one before. */
  private depth = 0;

  constructor(check: Check, main: string, read: Read | undefined, open: (path: string, text: string) => Library) {
    this.check = check;
    this.read = read;
    this.open = open;
    this.folder = folderOf(normalize(main));
    this.known.set(normalize(main), { kind: "open" });
  }

  /** The names of an imported file, or null after reporting why there are none. */
  load(declaration: ImportDeclaration, file: string): FileScope | null {
    const { from } = declaration;
    if (from === undefined) return null;
    const path = from.value;
    const fail = (row: (typeof imports)["notFound"] | (typeof imports)["tooDeep"]): null => {
      this.check.report(report(row, { path, most: deepest }, { span: from.span }));
      return null;
    };
    if (!/^\.\.?\//.test(path)) {
      this.check.report(
        report(
          imports.notRelative,
          { path },
          {
            span: from.span,
            help: `write \`"./${path}"\` for a file beside this one`,
            fixes: [{ title: "make it relative", edits: [{ span: from.span, text: JSON.stringify(`./${path}`) }] }],
          },
        ),
      );
      return null;
    }
    const target = normalize(folderOf(file) + path);
    let library = this.known.get(target);
    if (library === undefined) {
      const text = this.read?.(path, file) ?? null;
      if (text === null)
        return fail(target.startsWith(this.folder) && !target.startsWith("../") ? imports.notFound : imports.outside);
      if (this.depth === deepest) return fail(imports.tooDeep);
      this.known.set(target, { kind: "open" });
      this.depth++;
      library = this.open(target, text);
      this.depth--;
      this.known.set(target, library);
    }
    switch (library.kind) {
      case "names":
        return library.scope;
      case "model":
        return fail(imports.modelFile);
      case "open":
        return fail(imports.cycle);
      default:
        return library satisfies never;
    }
  }
}

/** Whether a file holds a model rather than names to import. */
export function isModelFile(tree: SourceTree): boolean {
  return tree.declarations.some(({ kind }) => kind === "model");
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** Takes `.` and `..` out of a path with forward slashes. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "." || (part === "" && parts.length > 0)) continue;
    if (part === ".." && parts.length > 0 && parts[parts.length - 1] !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
