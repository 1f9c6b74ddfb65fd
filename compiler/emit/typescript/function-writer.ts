import type { Instruction, Region, Value, ValueId } from "../../ir/model.ts";
import type { StatementDescription } from "./description.ts";
import { plainExpr, type Expr } from "./expression.ts";
import { inlineLayer } from "./inline.ts";
import { joinCode } from "./join.ts";
import type { LayerArgument, LayerFunctions } from "./layer-functions.ts";
import { literalCode } from "./literal.ts";
import type { Names } from "./names.ts";
import { isPair } from "./settings.ts";
import type { Site } from "./sites.ts";
import type { WeightTree } from "./weight-paths.ts";

/** What the code of a declaration is written with. */
export interface Surroundings {
  readonly sites: ReadonlyMap<string, Site>;
  readonly layers: LayerFunctions;
  readonly taskKind: (task: string) => string;
  readonly isScaled: (task: string) => boolean;
  readonly tree: WeightTree;
  /** The code of a layer's weights, by its path; notes that the function reads them. */
  weights(path: string): string;
  /** The same, of weights that may not be read. */
  weightsAt(path: string): string;
  /** The mask of a token axis. */
  mask(axis: string): string;
  /** What training is told by the layer at a path, or `draw` its random numbers. */
  training(path: string, use: "training" | "draw"): string;
  /** The code of what the training rows have taught; notes that the function reads it. */
  codes(): string;
  /** How a value from outside is called. */
  outside(value: ValueId): string;
}

/** A line that gives a name its value: the first of them declares it. */
interface Line {
  readonly name: string;
  readonly expr: Expr;
}

/** Longer expressions are taken apart. */
const LONGEST = 72;

/**
 * Writes instructions as a function's body. A pipeline goes on in one variable, a line for each layer with weights; what is
 * read more than once has a name of its own.
 */
export class FunctionWriter {
  private readonly around: Surroundings;
  private readonly names: Names;
  private readonly exprs = new Map<ValueId, Expr>();
  private readonly uses = new Map<ValueId, number>();
  /** The value that each variable holds. */
  private readonly holds = new Map<string, ValueId>();
  private readonly lines: (Line | StatementDescription)[] = [];
  /** Variables that loops give further values. */
  private readonly assigned = new Set<string>();

  constructor(around: Surroundings, names: Names) {
    this.around = around;
    this.names = names;
  }

  /** The body of a function that gives `result`. */
  write(instructions: readonly Instruction[], result: ValueId): readonly StatementDescription[] {
    const expr = this.run(instructions, result);
    return [...this.finished(), { code: `return ${expr.code};`, places: expr.places }];
  }

  /** A chain as an arrow function, `(x) => …`. */
  private arrow(region: Region): Expr {
    const inner = new FunctionWriter(this.around, this.names.inside());
    const name = inner.names.take("x");
    inner.exprs.set(region.argument, plainExpr(name));
    const statements = inner.write(region.instructions, region.result);
    const [only] = statements;
    const places = statements.flatMap((each) => each.places ?? []);
    if (statements.length === 1)
      return { ...plainExpr(`(${name}) => ${only.code.replace(/^return |;$/g, "")}`, false), places };
    return { ...plainExpr(`(${name}) => { ${statements.map(({ code }) => code).join("\n")} }`, false), places };
  }

  private run(instructions: readonly Instruction[], result: ValueId): Expr {
    this.count(instructions, result);
    for (const instruction of instructions) {
      const expr = this.exprOf(instruction);
      this.exprs.set(instruction.id, expr);
      if ((this.uses.get(instruction.id) ?? 0) > 1) this.name(instruction.id);
    }
    return this.read(result);
  }

  private count(instructions: readonly Instruction[], result: ValueId): void {
    const add = (value: ValueId): void => void this.uses.set(value, (this.uses.get(value) ?? 0) + 1);
    const visit = (list: readonly Instruction[]): void => {
      for (const { inputs, regions } of list) {
        inputs.forEach(add);
        for (const region of regions ?? []) {
          visit(region.instructions);
          add(region.result);
        }
      }
    };
    visit(instructions);
    add(result);
  }

  private read(value: ValueId): Expr {
    return this.exprs.get(value) ?? plainExpr(this.around.outside(value));
  }

  /** Gives a value a line and a name; a pipeline goes on under its name. */
  private name(value: ValueId): void {
    const expr = this.read(value);
    if (/^[\w$]+$/.test(expr.code)) return;
    const continued = [...this.holds].find(
      ([name, held]) => this.isSpent(held) && new RegExp(`\\b${name}\\b`).test(expr.code),
    );
    const name = continued ? continued[0] : this.names.take("x", ["y", "z", "u", "v", "w"]);
    this.holds.set(name, value);
    this.lines.push({ name, expr });
    this.exprs.set(value, plainExpr(name));
  }

  /** Whether nobody will read a value any more, now that what is being named has read it. */
  private isSpent(value: ValueId): boolean {
    return (this.uses.get(value) ?? 0) <= 1;
  }

  private exprOf(instruction: Instruction): Expr {
    const { layers, sites } = this.around;
    const site = sites.get(instruction.id);
    const layer = layers.of.get(instruction.id);
    if (!site || layer === undefined) throw new Error(`the instruction ${instruction.id} was not traced`);
    if (layer === null) return this.read(instruction.inputs[0]);
    // A chain that is given once and stands several times, one behind another.
    if (site.row.chains?.copies !== undefined && site.row.chains.named === undefined) {
      const written = this.repeated(instruction);
      if (written) return written;
    }
    const isWeighted = layer.takes.some(({ kind }) => kind === "weights");
    for (const value of instruction.inputs) {
      const expr = this.read(value);
      if ((isWeighted && expr.weighted > 0) || expr.code.length > LONGEST) this.name(value);
    }
    const operands = instruction.inputs.map((value) => this.read(value));
    const inside = {
      weighted: Math.max(0, ...operands.map(({ weighted }) => weighted)),
      places: operands.flatMap(({ places }) => places),
    };
    if (!site.row.callable) {
      const written = inlineLayer(
        site,
        operands.map(({ code, isPrimary }) => ({ text: code, isPrimary })),
        this.around,
      );
      if (written) return { code: written.text, isPrimary: written.isPrimary, ...inside };
    }
    const joined = joinCode(
      site,
      operands.map(({ code }) => code),
    );
    const further = layer.takes.map((argument) => this.argument(instruction, argument));
    return {
      code: `${layer.description.name}(${[...(joined ?? operands.map(({ code }) => code)), ...further.map(({ code }) => code)].join(", ")})`,
      isPrimary: true,
      weighted: inside.weighted + (isWeighted ? 1 : 0),
      places: [...inside.places, ...further.flatMap(({ places }) => places), instruction.span],
    };
  }

  private argument(instruction: Instruction, argument: LayerArgument): Expr {
    const { around } = this;
    switch (argument.kind) {
      case "weights":
        return plainExpr(around.weights(instruction.path));
      case "setting": {
        const value = instruction.settings[argument.name];
        return plainExpr(argument.isPair ? literalCode(value) : settingCode(value));
      }
      case "mask":
        return plainExpr(around.mask(argument.axis));
      case "training":
      case "draw":
        return plainExpr(around.training(instruction.path, argument.kind));
      case "chain": {
        const region = instruction.regions?.[argument.index];
        if (!region) throw new Error(`${instruction.id} has no chain ${argument.index}`);
        return this.arrow(region);
      }
      default:
        return argument satisfies never;
    }
  }

  /** Copies of a chain, as a loop over their weights where they differ in nothing else. The value goes through one variable. */
  private repeated({ inputs: [input], regions = [], path, id }: Instruction): Expr | null {
    if (regions.length < 2) return null;
    this.exprs.set(id, this.read(input));
    const name = this.openVariable(id);
    this.assigned.add(name);
    const bodies = regions.map((region, k) => {
      const inner = new FunctionWriter(this.around, this.names.inside());
      inner.exprs.set(region.argument, plainExpr(name));
      // The variable goes on inside, where its value is read but once.
      inner.holds.set(name, region.argument);
      const statements = inner.write(region.instructions, region.result);
      return { lines: statements.map((each) => continued(each, name)), copy: `${path}.${k + 1}` };
    });
    this.lines.push(...(this.loop(path, bodies) ?? bodies.flatMap(({ lines }) => block(lines))));
    return plainExpr(name);
  }

  private loop(path: string, bodies: readonly Copy[]): readonly StatementDescription[] | null {
    const each = this.names.inside().take("copy");
    const [{ lines: first }] = bodies;
    const texts = bodies.map(({ lines, copy }) => {
      const weights = this.around.weightsAt(copy);
      return lines.map(({ code }) => code.replaceAll(weights, each)).join("\n");
    });
    if (texts.some((text) => text !== texts[0])) return null;
    const round = this.names.inside().take("round");
    const head = first.some(({ code }) => code.includes(this.around.weightsAt(bodies[0].copy)))
      ? `for (const ${each} of ${this.around.weights(path)})`
      : `for (let ${round} = 0; ${round} < ${bodies.length}; ${round}++)`;
    const inside = first.length === 1 ? texts[0] : `{ ${texts[0]} }`;
    return [{ code: `${head} ${inside}`, places: first.flatMap(({ places }) => places ?? []) }];
  }

  /** A variable that a value is in now and that may be given others. */
  private openVariable(value: ValueId): string {
    const expr = this.read(value);
    const name = this.names.take("x", ["y", "z", "u", "v", "w"]);
    this.holds.set(name, value);
    this.lines.push({ name, expr });
    return name;
  }

  private finished(): readonly StatementDescription[] {
    const declared = new Set<string>();
    const named = this.lines.flatMap((line) => ("expr" in line ? [line.name] : []));
    const changes = (name: string): boolean =>
      this.assigned.has(name) || named.filter((each) => each === name).length > 1;
    return this.lines.map((line): StatementDescription => {
      if (!("expr" in line)) return line;
      const { name, expr } = line;
      const keyword = declared.has(name) ? "" : changes(name) ? "let " : "const ";
      declared.add(name);
      return { code: `${keyword}${name} = ${expr.code};`, places: expr.places };
    });
  }
}

/** A setting as an argument: a pair of equal numbers is one number. */
function settingCode(value: Value | undefined): string {
  if (isPair(value) && value[0] === value[1]) return String(value[0]);
  return JSON.stringify(value ?? null);
}

/** A copy of a chain: what it does, and where its weights stand. */
interface Copy {
  readonly lines: readonly StatementDescription[];
  readonly copy: string;
}

/** A line of a function that gives a value, as one that goes on in a variable. */
function continued({ code, places }: StatementDescription, name: string): StatementDescription {
  const moved = code
    .replace(/^return /, `${name} = `)
    .replace(`const ${name} = `, `${name} = `)
    .replace(`let ${name} = `, `${name} = `);
  return { code: moved, places };
}

/** Lines whose names are their own. */
function block(lines: readonly StatementDescription[]): readonly StatementDescription[] {
  if (lines.length === 1) return lines;
  return [
    { code: `{ ${lines.map(({ code }) => code).join("\n")} }`, places: lines.flatMap(({ places }) => places ?? []) },
  ];
}
