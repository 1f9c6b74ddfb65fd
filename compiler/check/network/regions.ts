import { report } from "../../diagnostics/diagnostic.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import { copiesOf } from "../../ir/layers.ts";
import type { Instruction, Region, Type, Value } from "../../ir/model.ts";
import { ShapeProblem, type ChainType, type LayerRow } from "../../registry/layer.ts";
import type { Context } from "../context/context.ts";
import { PathCounter } from "../context/paths.ts";
import type { TensorValue } from "../context/scope.ts";
import type { Application } from "./application.ts";
import { forOneTask } from "./tensors.ts";

/** Chains that a layer applies itself, with weights of their own. */

/** A chain inside which a mistake was found and reported. */
export class BrokenChain extends ShapeProblem {}

/** More copies of one chain than anybody means. */
export const mostCopies = 10_000;
/** The chains of one application: each is worked out when the layer's shape rule asks for its result. */
export class Regions {
  readonly list: Region[] = [];
  readonly functions: ChainType[] = [];
  /** The path of the layer where its chains stand under it; else it is counted after them. */
  readonly path: string | undefined;
  private readonly types: (Type | undefined)[] = [];

  constructor(context: Context, application: Application, settings: Readonly<Record<string, Value>>) {
    const { row, chains, operands, node } = application;
    const rule = row.chains;
    if (!rule || chains.length === 0) return;
    const wanted = rule.copies === undefined ? undefined : settings[rule.copies];
    const copies = typeof wanted === "number" ? wanted : undefined;
    const sets = (context.copies ?? 1) * copiesOf(row.chainWeights?.({ settings, tasks: [""], chain: 0 }));
    const most = Math.max(sets, copies ?? 1);
    if (most > mostCopies) {
      context.report(
        report(shapes.sizeTooLarge, { what: `a chain of ${most} copies` }, { span: application.nameSpan }),
      );
      throw new BrokenChain("too many copies");
    }
    const own = rule.copies !== undefined || rule.named !== undefined;
    this.path = own ? context.paths.next(row.name) : undefined;
    const bodies = copies === undefined ? chains : Array.from({ length: copies }, () => chains[0]);
    bodies.forEach((chain, index) => {
      const paths = this.path === undefined ? context.paths : new PathCounter(`${this.path}.${segment(row, index)}`);
      let broken = false;
      this.functions.push((argumentType) => {
        const known = this.types[index];
        if (known) return known;
        if (broken) throw new BrokenChain("a mistake inside");
        const instructions: Instruction[] = [];
        const argument = `${context.owner.name}.${++context.owner.ids}`;
        const origin = operands[0]?.tensor.origin ?? node.span;
        const inner = context.at({ instructions, paths, copies: sets });
        const input: TensorValue = { value: argument, type: argumentType, origin };
        const result = inner.step(chain, input, chain.span.start);
        if (result.type === null) {
          broken = true;
          throw new BrokenChain("a mistake inside");
        }
        this.types[index] = result.type;
        this.list[index] = { argument, argumentType, instructions, result: result.value };
        return result.type;
      });
    });
  }

  /** Works out the chains that the shape rule did not ask for. */
  complete(type: Type, input: Type | undefined): Type {
    for (const chain of this.functions) if (input) chain(forOneTask(input));
    return type;
  }
}

/** `trunk.repeat_1.2`, `mixed.mmoe_1.expert`, `look.mtan_1.stage_2`, `view.ple_1.level_2`. */
function segment(row: LayerRow, index: number): string {
  const singular = (word: string) => word.replace(/s$/, "");
  const { copies, named, max } = row.chains ?? { max: 0 };
  if (copies !== undefined) return named === undefined ? `${index + 1}` : `${singular(copies)}_${index + 1}`;
  if (named === undefined || max === 1) return named ?? "";
  return `${singular(named)}_${index + 1}`;
}
