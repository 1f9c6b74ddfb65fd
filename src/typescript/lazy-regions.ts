import type { ts } from "ts-morph";
import type { Morph } from "./ts-morph.ts";

/**
 * What of the runtime stands in a module only where the module needs it:
 * - rows of tables (optimizers, metrics, starts …), which are looked up by their word: `word adamw`;
 * - members of those rows, which other parts of the compiler read: `read OptimizerRow.update`;
 * - members of records that are always asked for by their own name, such as the catalogue of messages: `data.noRows`;
 * - what a `switch` over a word does for each: `word csv`;
 * - methods of classes, by their name wherever it is asked for: `method step`.
 */
export interface Lazy {
  /** The key of a node that may be left out. */
  keyOf(node: ts.Node): string | undefined;
  /** Keys that a node asks for. */
  needsOf(node: ts.Node): readonly string[];
  /** The rows that `...Object.values(rows)` stands for. */
  spreadOf(node: ts.Node): readonly { readonly symbol: ts.Symbol; readonly key: string }[] | undefined;
}

/** Files whose interfaces say what rows hold. */
const rowFiles = /\/compiler\/(?:registry\/(?:rows|settings|registry|layer)|diagnostics\/diagnostic)\.ts$/;
/** Of those, interfaces that stand for something else. */
const notRows = new Set(["Diagnostic", "Place", "Label", "Edit", "Fix", "SettingRow", "MetricInput"]);

export function lazyRegions(typescript: Morph["ts"], checker: ts.TypeChecker, files: readonly ts.SourceFile[]): Lazy {
  const unaliased = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & typescript.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  const rows = new Set<ts.Node>();
  for (const file of files.filter(({ fileName }) => rowFiles.test(fileName)))
    for (const statement of file.statements)
      if (typescript.isInterfaceDeclaration(statement) && !notRows.has(statement.name.text)) rows.add(statement);

  /** `read LossRow.parts`, of a property of a row. */
  const readKey = (symbol: ts.Symbol | undefined): string | undefined => {
    const member = symbol?.declarations?.find(({ parent }) => rows.has(parent));
    return member && typescript.isInterfaceDeclaration(member.parent)
      ? `read ${member.parent.name.text}.${symbol?.name ?? ""}`
      : undefined;
  };

  const rowsOfTables = new Map<ts.Node, string>();
  const words = new Set<string>();
  const spreads = new Map<ts.Node, { symbol: ts.Symbol; key: string }[]>();
  const note = (word: string): string => {
    words.add(word);
    return `word ${word}`;
  };

  /** The word of a row, from the first `name: "…"` of what makes it. */
  const wordOf = (node: ts.Node, depth = 0): string | undefined => {
    if (typescript.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      const declaration = symbol && unaliased(symbol).valueDeclaration;
      if (!declaration || !typescript.isVariableDeclaration(declaration) || depth > 2) return undefined;
      return declaration.initializer && wordOf(declaration.initializer, depth + 1);
    }
    if (typescript.isCallExpression(node)) return node.arguments.map((each) => wordOf(each, depth)).find(Boolean);
    if (!typescript.isObjectLiteralExpression(node)) return undefined;
    for (const property of node.properties)
      if (
        typescript.isPropertyAssignment(property) &&
        property.name.getText() === "name" &&
        typescript.isStringLiteral(property.initializer)
      )
        return property.initializer.text;
    return undefined;
  };

  const noteTable = (list: ts.ArrayLiteralExpression): void => {
    for (const element of list.elements) {
      if (typescript.isSpreadElement(element)) {
        const members = membersOf(element.expression);
        const found = members?.map((symbol) => {
          const { valueDeclaration } = symbol;
          const initializer =
            valueDeclaration && typescript.isVariableDeclaration(valueDeclaration)
              ? valueDeclaration.initializer
              : undefined;
          const word = initializer && wordOf(initializer);
          if (word === undefined) throw new Error(`${symbol.name} is a row without a word`);
          return { symbol, key: note(word) };
        });
        if (found) spreads.set(element, found);
        continue;
      }
      const word = wordOf(element);
      if (word !== undefined) rowsOfTables.set(element, note(word));
    }
  };

  /** What a file exports, of `Object.values(rows)` where `rows` are all names of a file. */
  const membersOf = (node: ts.Expression): ts.Symbol[] | undefined => {
    if (!typescript.isCallExpression(node) || node.expression.getText() !== "Object.values") return undefined;
    const [argument] = node.arguments;
    const symbol = argument && checker.getSymbolAtLocation(argument);
    const target = symbol && unaliased(symbol);
    return target && target.flags & typescript.SymbolFlags.ValueModule ? checker.getExportsOfModule(target) : undefined;
  };

  const isRow = (type: ts.Type): boolean =>
    type.getSymbol()?.declarations?.some((each) => rows.has(each)) === true ||
    (type.isIntersection() && type.types.some(isRow));
  const isTable = (type: ts.Type): boolean => {
    const [element] =
      checker.isArrayType(type) || checker.isTupleType(type) ? checker.getTypeArguments(<ts.TypeReference>type) : [];
    return element !== undefined && (element.isUnion() ? element.types.every(isRow) : isRow(element));
  };

  /** Constants that are records, by how they are used. */
  const records = new Map<ts.Symbol, boolean>();
  for (const file of files)
    for (const statement of file.statements) {
      if (!typescript.isVariableStatement(statement)) continue;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (!initializer || !typescript.isIdentifier(name)) continue;
        const symbol = checker.getSymbolAtLocation(name);
        if (!symbol) continue;
        if (typescript.isArrayLiteralExpression(initializer) && isTable(checker.getTypeAtLocation(name)))
          noteTable(initializer);
        if (
          typescript.isObjectLiteralExpression(initializer) &&
          initializer.properties.every((each) => typescript.isPropertyAssignment(each))
        )
          records.set(symbol, true);
      }
    }
  const seek = (node: ts.Node): void => {
    if (typescript.isIdentifier(node)) {
      const found = checker.getSymbolAtLocation(node);
      const symbol = found && unaliased(found);
      const { parent } = node;
      const isPlain =
        (typescript.isVariableDeclaration(parent) && parent.name === node) ||
        (typescript.isPropertyAccessExpression(parent) && parent.expression === node) ||
        typescript.isImportSpecifier(parent);
      if (symbol && records.has(symbol) && !isPlain) records.set(symbol, false);
    }
    typescript.forEachChild(node, seek);
  };
  files.forEach(seek);

  const isOfWord = (node: ts.CaseClause): boolean => {
    const { expression } = node.parent.parent;
    const type = checker.getTypeAtLocation(expression);
    const isAnyWord = (type.flags & typescript.TypeFlags.String) !== 0;
    return isAnyWord && typescript.isPropertyAccessExpression(expression) && expression.name.text === "word";
  };
  const methods = new Set<string>();
  const collect = (node: ts.Node): void => {
    if (typescript.isCaseClause(node) && typescript.isStringLiteral(node.expression) && isOfWord(node))
      words.add(node.expression.text);
    if (typescript.isMethodDeclaration(node) && typescript.isClassDeclaration(node.parent))
      methods.add(node.name.getText());
    typescript.forEachChild(node, collect);
  };
  files.forEach(collect);

  const recordOf = (node: ts.Node): ts.Symbol | undefined => {
    const found = checker.getSymbolAtLocation(node);
    const symbol = found && unaliased(found);
    return symbol && records.get(symbol) === true ? symbol : undefined;
  };

  const ofRecord = (node: ts.ObjectLiteralElementLike): string | undefined => {
    const { parent } = node.parent;
    const symbol = typescript.isVariableDeclaration(parent) ? recordOf(parent.name) : undefined;
    return symbol && `${symbol.name}.${node.name?.getText() ?? ""}`;
  };

  return {
    keyOf(node) {
      const row = rowsOfTables.get(node);
      if (row !== undefined) return row;
      if (typescript.isCaseClause(node) && typescript.isStringLiteral(node.expression) && isOfWord(node))
        return `word ${node.expression.text}`;
      if (typescript.isMethodDeclaration(node) && typescript.isClassDeclaration(node.parent))
        return `method ${node.name.getText()}`;
      if (typescript.isTypeElement(node) && rows.has(node.parent) && node.name)
        return readKey(checker.getSymbolAtLocation(node.name));
      if (!typescript.isObjectLiteralElementLike(node) || !node.name) return undefined;
      const own = ofRecord(node);
      if (own !== undefined) return own;
      const context = typescript.isObjectLiteralExpression(node.parent)
        ? checker.getContextualType(node.parent)
        : undefined;
      return context && readKey(checker.getPropertyOfType(context, node.name.getText()));
    },
    needsOf(node) {
      if (typescript.isStringLiteral(node)) return words.has(node.text) ? [`word ${node.text}`] : [];
      if (typescript.isPropertyAccessExpression(node)) {
        const record = recordOf(node.expression);
        if (record) return [`${record.name}.${node.name.text}`];
        const key = readKey(checker.getSymbolAtLocation(node.name));
        const method = methods.has(node.name.text) ? [`method ${node.name.text}`] : [];
        return key === undefined ? method : [key, ...method];
      }
      if (typescript.isBindingElement(node) && typescript.isObjectBindingPattern(node.parent)) {
        const name = node.propertyName ?? node.name;
        const of = checker.getTypeAtLocation(node.parent.parent);
        const key = typescript.isIdentifier(name) ? readKey(checker.getPropertyOfType(of, name.text)) : undefined;
        const method = methods.has(name.getText()) ? [`method ${name.getText()}`] : [];
        return key === undefined ? method : [key, ...method];
      }
      return typescript.isTypeReferenceNode(node) ? picked(node) : [];
    },
    spreadOf: (node) => spreads.get(node),
  };

  /** `Pick<Registry, "metric">` reads `metric`, and so does `Registry["metric"]`. */
  function picked({ typeName, typeArguments: [from, names] = [] as never }: ts.TypeReferenceNode): string[] {
    if (typeName.getText() !== "Pick" || !from || !names) return [];
    const type = checker.getTypeFromTypeNode(from);
    const literals = checker.getTypeFromTypeNode(names);
    const each = literals.isUnion() ? literals.types : [literals];
    return each.flatMap((literal) => {
      const key = literal.isStringLiteral() ? readKey(checker.getPropertyOfType(type, literal.value)) : undefined;
      return key === undefined ? [] : [key];
    });
  }
}
