import { drops, watched } from "./rules.ts";
import { variablesOf } from "./network.ts";
import type { Evaluation } from "./results.ts";
import type { Tensor, Variable } from "./tensors.ts";

/** A value of an evaluation (`loss`, `digit.accuracy`), and for how many epochs it may stand still. */
export interface Watching {
  readonly on: string;
  readonly patience: number;
}

/** Ends training when a watched value has not improved for some epochs, and keeps the weights that it was best with. */
export class EarlyStopping {
  private readonly variables: readonly Variable[];
  private readonly watch: ReturnType<typeof watched>;
  private readonly patience: number;
  private best: { readonly value: number; readonly weights: readonly Tensor[] } | null = null;
  private waited = 0;

  constructor(weights: object, { on, patience }: Watching) {
    this.variables = variablesOf(weights);
    this.watch = watched(on);
    this.patience = patience;
  }

  /** Notes an epoch's evaluation; a value that is undefined is no improvement. */
  note(evaluation: Evaluation): void {
    const value = this.watch.read(evaluation);
    const { best, watch } = this;
    const improved =
      value !== null && (best === null || (watch.better === "up" ? value > best.value : value < best.value));
    this.waited = improved ? 0 : this.waited + 1;
    if (!improved) return;
    this.forget();
    this.best = { value, weights: this.variables.map((variable) => variable.clone()) };
  }

  /** True once the patience is at its end. */
  get isDue(): boolean {
    return this.waited >= this.patience;
  }

  /** Puts the best weights back. */
  restore(): void {
    this.best?.weights.forEach((tensor, k) => this.variables[k].assign(tensor));
    this.forget();
  }

  private forget(): void {
    this.best?.weights.forEach((tensor) => tensor.dispose());
    this.best = null;
  }
}

/** Counts how often a watched value has stood still for as long as the patience is. */
export class Plateau {
  private readonly watch: ReturnType<typeof watched>;
  private readonly patience: number;
  private readonly seen: (number | null)[] = [];

  constructor({ on, patience }: Watching) {
    this.watch = watched(on);
    this.patience = patience;
  }

  note(evaluation: Evaluation): void {
    this.seen.push(this.watch.read(evaluation));
  }

  get drops(): number {
    return drops(this.seen, this.watch.better, this.patience);
  }
}
