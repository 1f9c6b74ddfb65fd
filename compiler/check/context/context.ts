import type { Expression, Span } from "../../../grammar/tree.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Instruction, Value } from "../../ir/model.ts";
import type { Size } from "../../ir/size.ts";
import type { Registry } from "../../registry/registry.ts";
import type { SettingKind } from "../../registry/settings.ts";
import type { Check } from "./check.ts";
import { PathCounter } from "./paths.ts";
import type { FileScope, NamedLayer, Scope, TensorValue } from "./scope.ts";
import type { Spot } from "./spot.ts";

/** The declaration that instructions are made for. */
export interface Owner {
  readonly name: string;
  /** True for a task: per-task tensors are its own there. */
  readonly task: boolean;
  /** Ids that were given, shared by the regions inside. */
  ids: number;
}

/** Where an expression is being worked out. */
interface Place {
  readonly scope: Scope;
  readonly owner: Owner;
  /** Takes the instructions. */
  readonly instructions: Instruction[];
  readonly paths: PathCounter;
  /** The named layer whose weights are being used, and where. */
  readonly layer?: { readonly layer: NamedLayer; readonly span: Span };
  /** The block that is being used, and where. */
  readonly use?: { readonly name: string; readonly span: Span };
  /** How many sets of weights a layer here has: copies of chains that stand in copies of chains multiply. */
  readonly copies?: number;
  /** The last `dense` of a head, and the width it takes from the task's kind (undefined where the kind is not known). */
  readonly inferred?: {
    readonly nodes: ReadonlySet<Expression>;
    readonly width: Size | undefined;
    /** Where that kind stands. */
    readonly kind: Span | undefined;
  };
}

/**
 * Where the language stands within itself: expressions in expressions, values in values. What needs the whole from within one
 * of its parts asks for it here, through its context, so that no two files need each other.
 */
export interface Recursion {
  /** An expression that stands for a tensor. */
  elaborate(context: Context, expression: Expression): TensorValue;
  /** A step of a pipeline that is fed a value; `start` is where the pipeline begins. */
  step(context: Context, step: Expression, input: TensorValue, start: number): TensorValue;
  /** The value of a setting. */
  value(context: Context, kind: SettingKind, written: Expression, at: Spot): Value | undefined;
}

/**
 * What every part of the checker is handed: the check that it is part of, and the place of the text that it is at. Whatever
 * could not be understood is `undefined` everywhere: it has been reported by whoever found it out (or is not known yet, inside
 * a block's own text), and nobody says anything more about it.
 */
export class Context implements Place {
  readonly check: Check;
  private readonly recursion: Recursion;
  readonly scope: Scope;
  readonly owner: Owner;
  readonly instructions: Instruction[];
  readonly paths: PathCounter;
  readonly layer: Place["layer"];
  readonly use: Place["use"];
  readonly copies: Place["copies"];
  readonly inferred: Place["inferred"];
  /** The same place where everything is said. */
  readonly aloud: Context;

  private constructor(check: Check, recursion: Recursion, place: Place, aloud?: Context) {
    this.check = check;
    this.recursion = recursion;
    this.scope = place.scope;
    this.owner = place.owner;
    this.instructions = place.instructions;
    this.paths = place.paths;
    this.layer = place.layer;
    this.use = place.use;
    this.copies = place.copies;
    this.inferred = place.inferred;
    this.aloud = aloud ?? this;
  }

  /** The end of a file, where all of its names are in force. */
  static ofFile(check: Check, recursion: Recursion, file: FileScope): Context {
    const scope: Scope = { file, locals: null, limit: Number.POSITIVE_INFINITY };
    return new Context(check, recursion, { scope, owner: nobody(), instructions: [], paths: new PathCounter("") });
  }
  /** The declaration at this place of the file, which sees the names of those above; it computes nothing yet. */
  declaration(index: number): Context {
    return this.at({ scope: { file: this.scope.file, locals: null, limit: index } }).ownedBy("");
  }
  /** The same text, computed for `name`, from its first instruction on. */
  ownedBy(name: string, task = false): Context {
    return this.at({ owner: { name, task, ids: 0 }, instructions: [], paths: new PathCounter(name) });
  }
  /** Another place within the same check. */
  at(place: Partial<Place>): Context {
    return new Context(this.check, this.recursion, { ...this, ...place });
  }
  /** The same place where a value that does not fit is no mistake: it stands where another was meant. Its own names still count. */
  quiet(): Context {
    return new Context(this.check, this.recursion, this, this.aloud);
  }

  get registry(): Registry {
    return this.check.registry;
  }
  /** Keeps a diagnostic. A second one of the same code at the same place is dropped. */
  report(diagnostic: Diagnostic): void {
    if (this.aloud === this) this.check.report(diagnostic);
  }
  /** How many errors were reported until now: compare before and after to know whether a part is sound. */
  errors(): number {
    return this.check.errors();
  }
  /** What stands at a place. */
  textAt(span: Span): string {
    return this.check.textAt(span);
  }

  /** Works out an expression that stands for a tensor. */
  elaborate(expression: Expression): TensorValue {
    return this.recursion.elaborate(this.aloud, expression);
  }
  /** Feeds a value to a step of a pipeline; `start` is where the pipeline begins. */
  step(step: Expression, input: TensorValue, start: number): TensorValue {
    return this.recursion.step(this.aloud, step, input, start);
  }
  /** The value of a setting as plain data; undefined after reporting, or where it is not known yet. */
  value(kind: SettingKind, written: Expression, at: Spot): Value | undefined {
    return this.recursion.value(this, kind, written, at);
  }
}

function nobody(): Owner {
  return { name: "", task: false, ids: 0 };
}
