import type { BlockDeclaration, Expression, Span } from "../../../grammar/tree.ts";
import type { Columns, TaskKind, Type, Value, ValueId } from "../../ir/model.ts";

/** What names mean while a file is worked through. */

/** A name of the file, whatever declares it. */
export interface Declared {
  readonly name: string;
  readonly kind: "const" | "input" | "layer" | "block" | "shared" | "task" | "penalty";
  /** Where its name stands. */
  readonly span: Span;
}

/** A computed value, or one that could not be computed: then its type is null and nothing more is said about it. */
export interface TensorValue {
  readonly value: ValueId;
  readonly type: Type | null;
  /** The step that made it, for messages. */
  readonly origin: Span;
}

/** A chain and where its names are looked up. */
export interface Chain {
  readonly expression: Expression;
  readonly scope: Scope;
}
/** `layer project = …`: a chain with one set of weights. */
export interface NamedLayer extends Chain {
  readonly name: string;
}
export interface Block {
  readonly declaration: BlockDeclaration;
  readonly name: string;
  readonly scope: Scope;
}
export interface TaskMeaning {
  readonly name: string;
  readonly kind?: TaskKind;
  readonly target: Columns | null;
  /** Its head's value; null where it has none or has a mistake. */
  readonly head: TensorValue | null;
  /** The tasks of a group by column. */
  readonly members: ReadonlyMap<string, TaskMeaning> | null;
}

export type Meaning =
  | { readonly kind: "tensor"; readonly tensor: TensorValue }
  /** Undefined: not known, because of a mistake or inside a block's own text. */
  | { readonly kind: "constant"; readonly value: Value | undefined }
  | { readonly kind: "chain"; readonly chain: Chain | undefined }
  | { readonly kind: "layer"; readonly layer: NamedLayer }
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "task"; readonly task: TaskMeaning }
  | { readonly kind: "penalty" }
  /** Declared with a mistake: whatever it is used as is right. */
  | { readonly kind: "unknown" };

/** A name in force. */
export interface Entity {
  readonly declared: Declared;
  readonly meaning: Meaning;
  /** Place among the declarations of its file. */
  readonly index: number;
  used: boolean;
}

/** The names of one file. */
export interface FileScope {
  readonly file: string;
  readonly entities: Map<string, Entity>;
  /** Names that the file declares anywhere, with their places. */
  readonly declared: ReadonlyMap<string, Span>;
  /** Names that were used above their declaration: reported, and used all the same. */
  readonly early: Set<string>;
  /** True once a name could not be made sense of: it may have been meant for any. */
  lost: boolean;
  /** Declarations, by place, whose text had to be mended: what they mean is not certain. */
  readonly mended: ReadonlySet<number>;
  /** True where a declaration has lost its name: any unknown name may be it. */
  readonly nameless: boolean;
  /** Built-in layers that the file uses, each at its first use. */
  readonly builtins: Map<string, Span>;
}

/** Where a name is looked up: a block's own names first, then those of the file that stand above. */
export interface Scope {
  readonly file: FileScope;
  readonly locals: ReadonlyMap<string, Entity> | null;
  /** Declarations from this place on are not seen. */
  readonly limit: number;
}

/** The entity of a name, without counting as a use. */
export function find(scope: Scope, name: string): Entity | undefined {
  const local = scope.locals?.get(name);
  if (local) return local;
  const entity = scope.file.entities.get(name);
  return entity !== undefined && entity.index < scope.limit ? entity : undefined;
}

/** Every name that can be seen, nearest first. */
export function visibleNames(scope: Scope, accept: (entity: Entity) => boolean = () => true): string[] {
  const names: string[] = [];
  for (const [name, entity] of scope.locals ?? []) if (accept(entity)) names.push(name);
  for (const [name, entity] of scope.file.entities)
    if (entity.index < scope.limit && accept(entity) && !scope.locals?.has(name)) names.push(name);
  return names;
}

/** "a tensor", "a constant": what an entity is, in a sentence. */
export function describeEntity(entity: Entity): string {
  switch (entity.declared.kind) {
    case "input":
      return "an input";
    case "shared":
      return "a tensor";
    case "const":
      return "a constant";
    case "layer":
      return "a layer";
    case "block":
      return "a block";
    case "task":
      return "a task";
    case "penalty":
      return "a penalty";
    default:
      return entity.declared.kind satisfies never;
  }
}
