import type { SettingKind } from "../../registry/settings.ts";

/** Where a value stands: for messages and searches. */
export interface Spot {
  /** The setting's name, for messages. */
  readonly setting: string;
  /** Where a search keeps its choices: `train.optimizer.rate`. */
  readonly path: string;
  /** The declaration that tensors given as settings are computed for. */
  readonly owner: string;
  /** True in a source, where columns and cells may stand as plain words. */
  readonly source: boolean;
}

/** A kind's alternatives, those within alternatives too. */
export function alternativesOf(kind: SettingKind): readonly SettingKind[] {
  return kind.kind === "either" ? kind.of.flatMap(alternativesOf) : [kind];
}
