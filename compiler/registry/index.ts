import { balanceRows } from "../balance/index.ts";
import { layerRows } from "../layers/index.ts";
import { lossRows } from "../losses/index.ts";
import { metricRows } from "../metrics/index.ts";
import { optimizerRows } from "../optimizers/index.ts";
import { scheduleRows } from "../schedules/index.ts";
import { startRows } from "../starts/index.ts";
import { kindRows, penaltyRows, plainRows, sectionRows, sourceRows } from "../words/index.ts";
import type { Registry, Table } from "./registry.ts";
import type { KindRow, PlainRow } from "./rows.ts";

function byName<Row extends { readonly name: string }>(rows: readonly Row[]): Table<Row> {
  const table = new Map<string, Row>();
  for (const row of rows) {
    if (table.has(row.name)) throw new Error(`two rows of one table are called ${row.name}`);
    table.set(row.name, row);
  }
  return table;
}
function plain(table: PlainRow["table"]): Table<PlainRow> {
  return byName(plainRows.filter((row) => row.table === table));
}
function kinds(of: KindRow["of"]): Table<KindRow> {
  return byName(kindRows.filter((row) => row.of === of));
}

/** The words of the language. */
export const registry: Registry = {
  layer: byName(layerRows),
  loss: byName(lossRows),
  metric: byName(metricRows),
  optimizer: byName(optimizerRows),
  schedule: byName(scheduleRows),
  balance: byName(balanceRows),
  start: byName(startRows),
  clip: plain("clip"),
  average: plain("average"),
  stop: plain("stop"),
  penalty: byName(penaltyRows),
  tie: plain("tie"),
  sampling: plain("sampling"),
  augment: plain("augment"),
  tokenizer: plain("tokenizer"),
  source: byName(sourceRows),
  inputKind: kinds("input"),
  taskKind: kinds("task"),
  blockKind: kinds("block"),
  section: new Map(sectionRows.map((row) => [row.section, row])),
};
