import { join } from "node:path";
import type { ts } from "ts-morph";
import { lazyRegions, type Lazy } from "./lazy-regions.ts";
import { isMemberName } from "./member-names.ts";
import { Needed } from "./needed.ts";
import type { Part, RollUp, Statement } from "./runtime-source.ts";
import type { Morph } from "./ts-morph.ts";

/**
 * The sources of `mtlc/runtime` as one list of statements, in the order in which their files run: names of one file that
 * another has too are told apart, and what is imported stands for itself. What is looked up by a word or read by nobody can
 * be left out of it later; `runtime-source.ts` tells how. `root` is the folder of the sources, `entryPath` the file in it that
 * offers what may be asked for.
 */
export function rollUp({ ts: typescript, Project }: Morph, root: string, entryPath: string): RollUp {
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    compilerOptions: {
      target: typescript.ScriptTarget.ES2023,
      module: typescript.ModuleKind.NodeNext,
      moduleResolution: typescript.ModuleResolutionKind.NodeNext,
      allowImportingTsExtensions: true,
      noEmit: true,
      skipLibCheck: true,
      strict: true,
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    },
  });
  const entry = project.addSourceFileAtPath(join(root, entryPath));
  project.resolveSourceFileDependencies();
  return reachable(new RollingUp(typescript, project.getProgram().compilerObject, entry.compilerNode).all());
}

/** Without what no module can ask for: words and methods are a module's to choose, all else follows from them. */
function reachable({ statements, exported }: RollUp): RollUp {
  const needed = new Needed(statements);
  for (const name of Object.values(exported)) needed.add(name);
  for (let before = -1; before < needed.names.size;) {
    before = needed.names.size;
    for (const key of needed.openKeys) if (/^(?:word|method) /.test(key)) needed.key(key);
  }
  const kept = (parts: readonly Part[]): Part[] =>
    parts.flatMap((part): Part[] => {
      if (typeof part === "string" || !("key" in part)) return [part];
      return needed.has(part.key) ? [{ key: part.key, parts: kept(part.parts) }] : [];
    });
  return { exported, statements: needed.statements.map(({ names, parts }) => ({ names, parts: kept(parts) })) };
}

type TopLevel = ts.Statement & { readonly parent: ts.SourceFile };

/** A stretch of a file's text and what stands in its place. */
interface Mark {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly Part[];
}

class RollingUp {
  private readonly typescript: Morph["ts"];
  private readonly checker: ts.TypeChecker;
  private readonly entry: ts.SourceFile;
  private readonly files: ts.SourceFile[] = [];
  private readonly names = new Map<ts.Symbol, string>();
  private readonly outside = new Map<string, Statement>();
  private readonly lazy: Lazy;

  constructor(typescript: Morph["ts"], program: ts.Program, entry: ts.SourceFile) {
    this.typescript = typescript;
    this.checker = program.getTypeChecker();
    this.entry = entry;
    this.collect(program, entry);
    this.nameAll();
    this.lazy = lazyRegions(typescript, this.checker, this.files);
  }

  all(): RollUp {
    const statements = this.files.flatMap((file) =>
      file.statements.filter((each) => this.isDeclaration(each)).map((each) => this.statementOf(file, each)),
    );
    const exported = this.checker.getExportsOfModule(this.moduleOf(this.entry)).map((symbol) => {
      const own = this.nameOf(this.unaliased(symbol));
      if (own === undefined) throw new Error(`${symbol.name} is declared nowhere`);
      return [symbol.name, own] as const;
    });
    return { statements: [...this.outside.values(), ...statements], exported: Object.fromEntries(exported) };
  }

  /** Files in the order in which they run: what a file imports comes first. */
  private collect(program: ts.Program, file: ts.SourceFile): void {
    const { typescript } = this;
    const seen = new Set<ts.SourceFile>();
    const visit = (each: ts.SourceFile): void => {
      if (seen.has(each)) return;
      seen.add(each);
      for (const statement of each.statements) {
        if (!typescript.isImportDeclaration(statement) && !typescript.isExportDeclaration(statement)) continue;
        const symbol = statement.moduleSpecifier && this.checker.getSymbolAtLocation(statement.moduleSpecifier);
        const target = symbol?.declarations?.find(typescript.isSourceFile);
        if (target && !program.isSourceFileFromExternalLibrary(target) && !target.isDeclarationFile) visit(target);
      }
      this.files.push(each);
    };
    visit(file);
  }

  private moduleOf(file: ts.SourceFile): ts.Symbol {
    const symbol = this.checker.getSymbolAtLocation(file);
    if (!symbol) throw new Error(`${file.fileName} exports nothing`);
    return symbol;
  }

  private unaliased(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & this.typescript.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  private isDeclaration(statement: ts.Statement): statement is TopLevel {
    const { typescript } = this;
    if (typescript.isImportDeclaration(statement) || typescript.isExportDeclaration(statement)) return false;
    const declares =
      typescript.isFunctionDeclaration(statement) ||
      typescript.isClassDeclaration(statement) ||
      typescript.isInterfaceDeclaration(statement) ||
      typescript.isTypeAliasDeclaration(statement) ||
      typescript.isVariableStatement(statement);
    if (!declares) throw new Error(`${statement.getSourceFile().fileName} does more than declare`);
    return true;
  }

  /** The identifiers that a statement declares. */
  private declared(statement: ts.Statement): ts.Identifier[] {
    const { typescript } = this;
    if (typescript.isVariableStatement(statement)) {
      const names: ts.Identifier[] = [];
      const visit = (name: ts.BindingName): void => {
        if (typescript.isIdentifier(name)) names.push(name);
        else for (const each of name.elements) if (typescript.isBindingElement(each)) visit(each.name);
      };
      for (const { name } of statement.declarationList.declarations) visit(name);
      return names;
    }
    const named =
      typescript.isFunctionDeclaration(statement) ||
      typescript.isClassDeclaration(statement) ||
      typescript.isInterfaceDeclaration(statement) ||
      typescript.isTypeAliasDeclaration(statement);
    return named && statement.name ? [statement.name] : [];
  }

  /** What is offered keeps its name; of others the first does, where no file says it of something of its own. */
  private nameAll(): void {
    const { typescript, checker } = this;
    const offered = new Set(checker.getExportsOfModule(this.moduleOf(this.entry)).map((each) => this.unaliased(each)));
    const symbols = new Map<ts.Symbol, ts.SourceFile>();
    for (const file of this.files)
      for (const name of file.statements.flatMap((each) => this.declared(each))) {
        const symbol = checker.getSymbolAtLocation(name);
        if (symbol) symbols.set(symbol, file);
      }
    const uses = new Map<string, number>();
    for (const { name } of symbols.keys()) uses.set(name, (uses.get(name) ?? 0) + 1);
    const local = this.localNames(symbols);
    const taken = new Set([...offered].map(({ name }) => name));
    for (const [symbol, file] of symbols) {
      const { name } = symbol;
      const isFree = offered.has(symbol) || (!taken.has(name) && !local.has(name));
      const path = file.fileName.replace(/\.ts$/, "").split("/");
      const others = [path.slice(-1), path.slice(-2)].map((last) => apartFrom(name, last));
      const own = isFree ? name : others.find((each) => !taken.has(each) && !uses.has(each));
      if (own === undefined) throw new Error(`${name} of ${file.fileName} stands for several things`);
      taken.add(own);
      this.names.set(symbol, own);
    }
    for (const symbol of offered)
      if (symbol.declarations?.some((each) => typescript.isVariableDeclaration(each)) && local.has(symbol.name))
        throw new Error(`${symbol.name} is offered, and hidden where it is used`);
  }

  /** Names that stand for something local in a file that uses a declaration of that name under another one. */
  private localNames(symbols: ReadonlyMap<ts.Symbol, ts.SourceFile>): ReadonlySet<string> {
    const { typescript, checker } = this;
    const hidden = new Set<string>();
    for (const file of this.files) {
      const renamed = new Set<string>();
      for (const statement of file.statements) {
        const clause = typescript.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined;
        if (clause && typescript.isNamedImports(clause))
          for (const { propertyName } of clause.elements) if (propertyName) renamed.add(propertyName.text);
      }
      if (renamed.size === 0) continue;
      const visit = (node: ts.Node): void => {
        if (typescript.isIdentifier(node) && renamed.has(node.text)) {
          const symbol = checker.getSymbolAtLocation(node);
          if (symbol && !symbols.has(this.unaliased(symbol))) hidden.add(node.text);
        }
        typescript.forEachChild(node, visit);
      };
      for (const statement of file.statements) if (!typescript.isImportDeclaration(statement)) visit(statement);
    }
    return hidden;
  }

  private nameOf(symbol: ts.Symbol): string | undefined {
    return this.names.get(symbol);
  }

  private statementOf(file: ts.SourceFile, statement: TopLevel): Statement {
    const names = this.declared(statement).map((name) => {
      const symbol = this.checker.getSymbolAtLocation(name);
      return (symbol && this.nameOf(symbol)) ?? name.text;
    });
    const marks = this.marksIn(statement);
    for (const modifier of this.typescript.canHaveModifiers(statement) ? (statement.modifiers ?? []) : [])
      if (modifier.kind === this.typescript.SyntaxKind.ExportKeyword)
        marks.push({ from: modifier.getStart(file), to: modifier.end + 1, parts: [] });
    return { names, parts: this.slice(file, this.commentedStart(file, statement), statement.end, marks) };
  }

  /** Where a statement begins, with the comment that belongs to it. */
  private commentedStart(file: ts.SourceFile, statement: ts.Statement): number {
    const start = statement.getStart(file);
    const comments = this.typescript.getLeadingCommentRanges(file.text, statement.getFullStart()) ?? [];
    const last = comments.at(-1);
    return last && !/\n\s*\n/.test(file.text.slice(last.end, start)) ? last.pos : start;
  }

  private slice(file: ts.SourceFile, from: number, to: number, marks: readonly Mark[]): Part[] {
    const parts: Part[] = [];
    let at = from;
    for (const mark of [...marks].sort((a, b) => a.from - b.from)) {
      if (mark.from > at) parts.push(file.text.slice(at, mark.from));
      parts.push(...mark.parts);
      at = mark.to;
    }
    if (to > at) parts.push(file.text.slice(at, to));
    return parts;
  }

  private marksIn(node: ts.Node): Mark[] {
    const { typescript } = this;
    const marks: Mark[] = [];
    const visit = (each: ts.Node): void => {
      const key = this.lazy.keyOf(each);
      if (key !== undefined) marks.push(this.region(each, key));
      else visitWithin(each);
    };
    const visitWithin = (each: ts.Node): void => {
      const spread = this.lazy.spreadOf(each);
      if (spread !== undefined) {
        const parts = spread.map(({ symbol, key }): Part => ({ key, parts: [this.use(symbol), ", "] }));
        const file = each.getSourceFile();
        const comma = file.text[each.end] === "," ? 1 : 0;
        marks.push({ from: each.getStart(file), to: each.end + comma, parts });
        return;
      }
      const needs = this.lazy.needsOf(each);
      if (needs.length > 0) {
        const from = each.getStart();
        marks.push({ from, to: from, parts: needs.map((need) => ({ need })) });
      }
      const loaded = builtin(typescript, each);
      if (loaded !== undefined) {
        marks.push({ from: each.getStart(), to: each.end, parts: [this.nodeModule(loaded), "()"] });
        return;
      }
      if (typescript.isIdentifier(each)) marks.push(...this.identifier(each));
      else typescript.forEachChild(each, visit);
    };
    visitWithin(node);
    return marks;
  }

  /** A member of a list or record that stands there only where it is needed. */
  private region(node: ts.Node, key: string): Mark {
    const file = node.getSourceFile();
    const from = node.getFullStart();
    const parts = this.slice(file, from, node.end, this.marksIn(node));
    const { typescript } = this;
    const isListed = typescript.isObjectLiteralElementLike(node) && typescript.isObjectLiteralExpression(node.parent);
    if (!isListed && !typescript.isArrayLiteralExpression(node.parent))
      return { from, to: node.end, parts: [{ key, parts }] };
    const comma = file.text[node.end] === "," ? 1 : 0;
    return { from, to: node.end + comma, parts: [{ key, parts: [...parts, ","] }] };
  }

  private use(symbol: ts.Symbol): Part {
    const name = this.nameOf(symbol);
    if (name === undefined) throw new Error(`${symbol.name} stands in no file of the runtime`);
    return { use: name };
  }

  private identifier(node: ts.Identifier): Mark[] {
    const { typescript, checker } = this;
    const from = node.getStart();
    const mark = (...parts: Part[]): Mark[] => [{ from, to: node.end, parts }];
    const isShorthand = typescript.isShorthandPropertyAssignment(node.parent) && node.parent.name === node;
    const found = isShorthand
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    if (!found || isMemberName(typescript, node)) return [];
    const symbol = this.unaliased(found);
    const own = this.nameOf(symbol);
    if (own !== undefined) return isShorthand ? mark(`${node.text}: `, { use: own }) : mark({ use: own });
    const from_ = this.packageOf(found);
    return from_ === undefined ? [] : mark(...this.ofPackage(node, found, from_));
  }

  /** The package or module of Node that a name is imported from. */
  private packageOf({ declarations = [] }: ts.Symbol): string | undefined {
    const { typescript } = this;
    const [declaration] = declarations;
    if (!declaration || declaration.getSourceFile().isDeclarationFile) return undefined;
    if (!typescript.isImportSpecifier(declaration) && !typescript.isNamespaceImport(declaration)) return undefined;
    const statement = typescript.findAncestor(declaration, typescript.isImportDeclaration);
    return statement && typescript.isStringLiteral(statement.moduleSpecifier)
      ? statement.moduleSpecifier.text
      : undefined;
  }

  /** Modules of Node are asked for when they are needed, so that a browser can load what it does not run. */
  private ofPackage(node: ts.Identifier, { name }: ts.Symbol, from: string): Part[] {
    const { typescript } = this;
    if (from === "@tensorflow/tfjs") return ["tf"];
    // All names of a file at once: nothing that modules need asks for them.
    if (from.startsWith(".")) return [{ use: `* as ${name}` }];
    if (typescript.isPartOfTypeNode(node)) {
      const key = `type ${name}`;
      this.outside.set(key, { names: [name], parts: [`import type { ${name} } from ${JSON.stringify(from)};`] });
      return [{ use: name }];
    }
    if (typescript.findAncestor(node, typescript.isFunctionLike) === undefined)
      throw new Error(`${name} of ${from} is asked for before it is needed`);
    return [this.nodeModule(from), `().${name}`];
  }

  private nodeModule(from: string): Part {
    const words = from.replace(/^node:/, "").split("/");
    const own = `node${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`;
    const parts = ["const ", { use: own }, ` = () => process.getBuiltinModule(${JSON.stringify(from)});`];
    this.outside.set(own, { names: [own], parts });
    return { use: own };
  }
}

/** The module of Node that `await import("node:fs")` loads. */
function builtin(typescript: Morph["ts"], node: ts.Node): string | undefined {
  if (!typescript.isAwaitExpression(node) || !typescript.isCallExpression(node.expression)) return undefined;
  const {
    expression,
    arguments: [from],
  } = node.expression;
  const isImport = expression.kind === typescript.SyntaxKind.ImportKeyword;
  return isImport && from && typescript.isStringLiteral(from) && from.text.startsWith("node:") ? from.text : undefined;
}

/** `known` of `rows.ts` as `knownInRows`, `BATCH` of `results.ts` as `BATCH_IN_RESULTS`. */
function apartFrom(name: string, path: readonly string[]): string {
  const words = path.flatMap((part) => part.split("-"));
  if (/^[A-Z_]+$/.test(name)) return [name, "IN", ...words.map((word) => word.toUpperCase())].join("_");
  return `${name}In${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`;
}
