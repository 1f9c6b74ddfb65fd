import { bodyOf } from "./body.ts";
import { Mismatch } from "./agree.ts";
import { alikeSites } from "./alike-sites.ts";
import { writeSizes } from "./code-literal.ts";
import type { FunctionDescription } from "./description.ts";
import { Unexplained } from "./formula.ts";
import { groupedBy } from "./grouping.ts";
import { isJoin, ofMany, pairOf } from "./join.ts";
import { writeBody, type WrittenBody } from "./function.ts";
import { describe, namesOf } from "./layer-description.ts";
import { axisQuantities, givenCode, keyOf, operandName, otherSettingsOf, otherSizes } from "./layer-uses.ts";
import type { Names } from "./names.ts";
import { exposedSettings, narrowed, settingQuantities, type ExposedSetting } from "./settings.ts";
import type { Site, Use } from "./sites.ts";
import { Unsupported } from "./unsupported.ts";
import type { WeightTree } from "./weight-paths.ts";
import type { Body } from "./term.ts";
import { traceLayer } from "./trace.ts";

/**
 * One small function for each kind of layer, written from the layer's own definition: it is traced wherever the file uses it,
 * at several sizes, and what the traces have in common is the function.
 */
export interface LayerFunction {
  readonly description: FunctionDescription;
  /** The arguments behind the tensors, in order. */
  readonly takes: readonly LayerArgument[];
}

export type LayerArgument =
  | { readonly kind: "weights" }
  | {
      readonly kind: "setting";
      readonly name: string;
      /** Whether one number may not stand for two. */ readonly isPair: boolean;
    }
  | { readonly kind: "mask"; readonly axis: string }
  /** Random numbers of the layer's own. */
  | { readonly kind: "draw" }
  /** What training is told by a layer: statistics, penalties. */
  | { readonly kind: "training" }
  | { readonly kind: "chain"; readonly index: number };

export interface LayerFunctions {
  /** In the order in which the file uses them first. */
  readonly functions: readonly LayerFunction[];
  /** By instruction; null for one that passes its input on as it is. */
  readonly of: ReadonlyMap<string, LayerFunction | null>;
  /** Functions of the module that they call; what is written without one adds its own. */
  readonly own: Set<string>;
  /** Whether some layer adds to the losses. */
  readonly penalize: boolean;
}

export interface LayerWriting {
  readonly names: Names;
  readonly taskKind: (task: string) => string;
  readonly isScaled: (task: string) => boolean;
  readonly tree: WeightTree;
}

/** Sites that one function serves. */
interface Group {
  readonly sites: readonly Site[];
  readonly written: Written;
}

/** Writes the functions of all sites, a kind of layer at a time; uses that no one function serves get several. */
export function layerFunctions(sites: readonly Site[], writing: LayerWriting): LayerFunctions {
  const functions: LayerFunction[] = [];
  const of = new Map<string, LayerFunction | null>();
  const own = new Set<string>();
  for (const [row, ofKind] of groupedBy(sites, (site) => site.row)) {
    const exposed = exposedSettings(
      row.settings,
      ofKind.map(({ instruction }) => instruction.settings),
      new Set(
        ofKind.flatMap(({ uses: [use] }) => [
          ...use.parameters.map(({ name }) => keyOf(name, use)),
          ...use.inputTypes.map((_, k) => operandName(use, k)),
        ]),
      ),
    );
    const everywhere = alikeSites(ofKind.map(pairOf));
    const serve = (sites: readonly Site[], served: LayerFunction | null): void => {
      for (const site of sites)
        for (const { instruction } of everywhere.get(site) ?? []) of.set(instruction.id, served);
    };
    const tracing: Tracing = { ...writing, exposed, trace: tracer(writing) };
    const idle = new Set([...everywhere.keys()].filter((site) => isIdentity(site, tracing)));
    serve([...idle], null);
    const groups = grouped(
      [...everywhere.keys()].filter((site) => !idle.has(site)),
      tracing,
    );
    const names = namesOf(row, groups);
    groups.forEach((group, k) => {
      if (isOwn(group.written)) {
        own.add("stopGradient");
        serve(group.sites, stopGradient);
        return;
      }
      const plain = describe(row, writing.names.take(names[k]), group.written, writing.tree);
      const described = isJoin(group.sites[0]) ? { ...plain, description: ofMany(plain.description) } : plain;
      functions.push(described);
      serve(group.sites, described);
      for (const name of group.written.own) own.add(name);
    });
  }
  const penalize = functions.some(({ description: { statements } }) =>
    statements.some(({ code }) => code.includes("training.penalize(")),
  );
  return { functions, of, own, penalize };
}

/** A layer that is one of the module's own functions. */
const stopGradient: LayerFunction = {
  description: { kind: "function", name: "stopGradient", parameters: [], returns: "tf.Tensor", statements: [] },
  takes: [],
};

function isOwn({ plain, training, first }: Written): boolean {
  const isBare = first.inputTypes.length === 1 && plain.statements.length === 0 && training === null;
  return isBare && plain.results.get("result")?.text === `stopGradient(${operandName(first, 0)})`;
}

/** Writing the functions of one kind of layer. */
interface Tracing extends LayerWriting {
  readonly exposed: readonly ExposedSetting[];
  readonly trace: (use: Use, training: boolean) => Body;
}

/** What a use computes; each is traced once, however many are written together with it. */
function tracer({ taskKind, isScaled }: LayerWriting): Tracing["trace"] {
  const known = { plain: new WeakMap<Use, Body>(), training: new WeakMap<Use, Body>() };
  return (use, training) => {
    const traced = training ? known.training : known.plain;
    const body = traced.get(use) ?? bodyOf(traceLayer(use, { training, taskKind, isScaled }).graph, { differentiable });
    traced.set(use, body);
    return body;
  };
}

/** Whether a layer gives what it is given, in training too: dropout with a chance of 0. */
function isIdentity({ uses: [use] }: Site, { trace }: Tracing): boolean {
  return [false, true].every((training) => {
    const { statements, results } = trace(use, training);
    const result = results.get("result");
    return statements.length === 0 && results.size === 1 && result?.kind === "given" && result.name === "operand/0";
  });
}

/** Sites by the function that serves them: most often it is one for all, else each goes to the first that it fits. */
function grouped(sites: readonly Site[], tracing: Tracing): readonly Group[] {
  if (sites.length === 0) return [];
  const written = attempt(sites, tracing);
  if (written) return [{ sites, written }];
  const groups: Group[] = [];
  for (const site of sites) {
    const k = groups.findIndex((group, at) => {
      const joined = attempt([...group.sites, site], tracing);
      if (joined) groups[at] = { sites: [...group.sites, site], written: joined };
      return joined !== null;
    });
    if (k < 0) groups.push({ sites: [site], written: alone(site, tracing) });
  }
  return groups;
}

/** A use by itself. Numbers in it that follow from no size that source can name are no source. */
function alone(site: Site, tracing: Tracing): Written {
  const written = attempt([site], tracing);
  if (written) return written;
  throw new Unsupported(`\`${site.row.name}\` at sizes that only the data tell`, site.instruction.span);
}

/** One function for several sites; null where there is none. */
function attempt(sites: readonly Site[], tracing: Tracing): Written | null {
  try {
    return write(sites, tracing);
  } catch (error) {
    if (error instanceof Mismatch || error instanceof Unexplained) return null;
    throw error;
  }
}

/** A layer's function before it has a name. */
export interface Written {
  readonly plain: WrittenBody;
  /** What it does in training, where that is something else. */
  readonly training: WrittenBody | null;
  readonly exposed: readonly ExposedSetting[];
  readonly first: Use;
  readonly own: ReadonlySet<string>;
}

function write(sites: readonly Site[], tracing: Tracing): Written {
  const uses = sites.flatMap((site) => site.uses);
  const further = sites.flatMap(({ row, uses: [use] }) => [
    ...otherSizes(row, use),
    ...otherSettingsOf(row, use, tracing.exposed),
  ]);
  try {
    return writeUses([...uses, ...further], tracing);
  } catch (error) {
    if (further.length === 0 || !(error instanceof Mismatch || error instanceof Unexplained)) throw error;
    // At sizes that the file does not have it is something else, or nothing that a formula tells.
    return writeUses(uses, tracing);
  }
}

function writeUses(uses: readonly Use[], tracing: Tracing): Written {
  if (uses.some(({ inputTypes }) => inputTypes.length !== uses[0].inputTypes.length)) throw new Mismatch("operands");
  const callers = uses.map(({ instruction }) => instruction.settings);
  const exposed = narrowed(tracing.exposed, callers);
  const own = new Set<string>();
  const axes = axisQuantities(uses, tracing.tree);
  /** The code of a shape: that of the first tensor, where it is the same. */
  const drawn = (shapes: readonly (readonly number[])[]): string => {
    const isOfFirst = shapes.every(
      (shape, k) => [uses[k].batch, ...uses[k].inputTypes[0].shape].join() === shape.join(),
    );
    return isOfFirst ? `${operandName(uses[0], 0)}.shape` : writeSizes(shapes, { quantities: axes });
  };
  const bodies = (training: boolean): WrittenBody => {
    const traces = uses.map((use) => tracing.trace(use, training));
    const settings = settingQuantities(exposed, callers);
    return writeBody(traces, {
      ...settings,
      quantities: [...axes, ...settings.quantities],
      given: (name, result, shapes) => ({
        text: givenCode(name, uses[0], tracing.tree, result, () => drawn(shapes)),
        isPrimary: true,
      }),
      names: tracing.names.inside(),
      own,
    });
  };
  const plain = bodies(false);
  const training = bodies(true);
  const isSame =
    JSON.stringify([plain.statements, [...plain.results]]) ===
    JSON.stringify([training.statements, [...training.results]]);
  return { plain, training: isSame ? null : training, exposed, first: uses[0], own };
}

/** Inputs that gradients flow to: tensors and weights. */
function differentiable(name: string): boolean {
  return /^(operand|parameter|chain)\//.test(name);
}
