import type { Instruction, Model } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";

/** Counts which rows stand in models, table by table. */
export class Uses {
  readonly #counts = new Map<string, number>();

  add(model: Model): void {
    const note = (table: string, name: string): void => {
      const key = `${table} ${name}`;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    };
    const visit = (instructions: readonly Instruction[]): void => {
      for (const { layer, regions } of instructions) {
        note("layer", layer);
        for (const region of regions ?? []) visit(region.instructions);
      }
    };
    visit(model.instructions);
    for (const { kind } of model.inputs) note("inputKind", kind.word);
    for (const { kind, loss, metrics } of model.tasks) {
      note("taskKind", kind.word);
      for (const term of loss) note("loss", term.loss.word);
      for (const { word } of metrics) note("metric", word);
    }
    for (const { balance, optimizer, schedule } of model.phases) {
      for (const { word } of balance) note("balance", word);
      note("optimizer", optimizer.word);
      note("schedule", schedule.word);
    }
  }

  /** In how many places a row stands. */
  of(table: string, name: string): number {
    return this.#counts.get(`${table} ${name}`) ?? 0;
  }

  /** Rows that can run and stand in the models fewer than `least` times: `layer prelu (2)`. */
  rarer(least: number, tables: readonly (keyof typeof registry)[]): string[] {
    return tables.flatMap((table) =>
      [...registry[table].values()].flatMap((row) => {
        if (!("built" in row) || !row.built) return [];
        const count = this.of(table, row.name);
        return count < least ? [`${table} ${row.name} (${count})`] : [];
      }),
    );
  }
}
