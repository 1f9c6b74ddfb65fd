import type { LayerRow } from "./layer.ts";
import type {
  BalanceRow,
  KindRow,
  LossRow,
  MetricRow,
  OptimizerRow,
  PenaltyRow,
  PlainRow,
  ScheduleRow,
  SectionRow,
  SourceRow,
  StartRow,
} from "./rows.ts";
import type { RowBase, WordTable } from "./settings.ts";

/** Rows of one table by name, in the order of the table. */
export type Table<Row> = ReadonlyMap<string, Row>;

/**
 * Every word that the language knows, looked up by place: names in different tables never clash. All parts of the compiler
 * are handed one registry; `registry/index.ts` puts the one of the language together.
 */
export interface Registry {
  readonly layer: Table<LayerRow>;
  readonly loss: Table<LossRow>;
  readonly metric: Table<MetricRow>;
  readonly optimizer: Table<OptimizerRow>;
  readonly schedule: Table<ScheduleRow>;
  readonly balance: Table<BalanceRow>;
  readonly start: Table<StartRow>;
  readonly clip: Table<PlainRow>;
  readonly average: Table<PlainRow>;
  readonly stop: Table<PlainRow>;
  readonly penalty: Table<PenaltyRow>;
  readonly tie: Table<PlainRow>;
  readonly sampling: Table<PlainRow>;
  readonly augment: Table<PlainRow>;
  readonly tokenizer: Table<PlainRow>;
  readonly source: Table<SourceRow>;
  /** Kinds of inputs, of tasks and of block parameters. */
  readonly inputKind: Table<KindRow>;
  readonly taskKind: Table<KindRow>;
  readonly blockKind: Table<KindRow>;
  readonly section: ReadonlyMap<SectionRow["section"], SectionRow>;
}

/** The tables whose words may stand as a setting's value, each with what every row has. */
export function wordTable(registry: Registry, table: WordTable): Table<RowBase> {
  return registry[table];
}
