import type { Span } from "../../../grammar/tree.ts";
import { report, type Diagnostic, type Edit, type Label } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { DataSection, Input, Search, ValueId } from "../../ir/model.ts";
import type { Size } from "../../ir/size.ts";
import type { Registry } from "../../registry/registry.ts";
import type { FileScope, NamedLayer, TensorValue } from "./scope.ts";

/** More uses of layers than any network has: blocks that use blocks, and copies of copies, multiply. */
const mostUses = 30_000;

/** What a whole check shares: the words of the language, and what was found until now. */
export class Check {
  readonly registry: Registry;
  /** Sizes that the data told, by name: `labels(species)`, `codes(island)`. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly diagnostics: Diagnostic[] = [];
  /** Choices of each `search(…)` by its path. */
  readonly searches = new Map<string, Search>();
  /** Lengths of token axes by name. */
  readonly axes: Record<string, Size> = {};
  /** Shapes of the parameters of named layers by path, and what they were made for. */
  readonly weights = new Map<string, { readonly shapes: string; readonly input: string; readonly span: Span }>();
  /** The first part of the paths of named layers. */
  readonly layerPaths = new Map<string, NamedLayer>();
  /** Tensors given as settings, by value. */
  readonly settingTensors = new Map<ValueId, TensorValue>();
  /** The names of the model's own file. */
  main: FileScope | undefined;
  /** Text of each file, for quoting. */
  readonly texts = new Map<string, string>();
  /** Text of the files that the parser had to mend. */
  readonly damaged = new Map<string, string>();
  /** Names that mean nothing, each with what its first report shows and mends. */
  readonly unknownNames = new Map<string, { places: Set<number>; labels: Label[]; edits: Edit[] }>();
  /** Inputs whose kind and columns are understood, and something else about them is not. */
  readonly doubtfulInputs: Input[] = [];
  /** Inputs and tasks with mistakes of their own: what their cells hold is not judged. */
  readonly doubtful = new Set<string>();
  /** Those whose columns cannot be judged either: it is said already that they are wrong. */
  readonly misread = new Set<string>();
  /** Data sections with mistakes: their rows are not read. */
  readonly doubtfulData = new Set<DataSection>();
  private readonly reported = new Set<string>();
  private errorCount = 0;
  private useCount = 0;

  constructor(registry: Registry, sizes: Readonly<Record<string, number>>) {
    this.registry = registry;
    this.sizes = sizes;
  }
  /** Keeps a diagnostic unless the same was said at the same place: a block is worked out once for every use. */
  report(diagnostic: Diagnostic): void {
    if (diagnostic.severity === "error") this.errorCount++;
    const { span } = diagnostic;
    const key = `${diagnostic.code} ${span?.file} ${span?.start} ${span?.end} ${diagnostic.message}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.diagnostics.push(diagnostic);
  }
  /**
   * Counts a use of a layer or block, or of several that one stands for; false where that is too many, which is reported once,
   * and nothing more is worked out.
   */
  countUse(span: Span, layers = 1): boolean {
    const before = this.useCount;
    this.useCount += layers;
    if (this.useCount <= mostUses) return true;
    const what = `a network of more than ${mostUses} layers`;
    if (before <= mostUses) this.report(report(shapes.sizeTooLarge, { what }, { span }));
    else this.errorCount++;
    return false;
  }
  /** Whether a name was reported as unknown already. */
  isReported(file: string, name: string): boolean {
    return this.unknownNames.has(`${names.unknownName.code} ${file} ${name}`);
  }
  /** How many errors were reported until now: compare before and after to know whether a part is sound. */
  errors(): number {
    return this.errorCount;
  }
  /** What stands at a place. */
  textAt(span: Span): string {
    return this.texts.get(span.file)?.slice(span.start, span.end) ?? "";
  }
}
