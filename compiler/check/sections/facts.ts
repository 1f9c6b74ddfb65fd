import type { SectionDeclaration } from "../../../grammar/tree.ts";
import type { Input } from "../../ir/model.ts";
import type { TaskDraft } from "../tasks/task-draft.ts";

/** What train and data sections need to know of the rest. Tasks that could not be understood are in `names` all the same. */
export interface ProgramFacts {
  readonly inputs: readonly Input[];
  /** Every task that has a name, groups taken apart (`assay.NR-AR`). */
  readonly tasks: readonly TaskDraft[];
  /** Names of groups (`assay`) and how many tasks each has. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Names of declarations that own parameters or may be frozen: layers, shared tensors, tasks. */
  readonly owners: readonly string[];
  /** Every train and data section of the file: they share a set of names, and `stop` watches parts of the data. */
  readonly sections: readonly SectionDeclaration[];
}
