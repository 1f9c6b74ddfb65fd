import { afterEpoch, isPatienceOver, plateauDrops, unwatched } from "../../compiler/schedules/index.ts";
import { watched } from "./rules.ts";
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
  private standing = unwatched;
  private best: readonly Tensor[] = [];

  constructor(weights: object, { on, patience }: Watching) {
    this.variables = variablesOf(weights);
    this.watch = watched(on);
    this.patience = patience;
  }

  /** Notes an epoch's evaluation; a value that is undefined is no improvement. */
  note(evaluation: Evaluation): void {
    const { read, better } = this.watch;
    this.standing = afterEpoch(this.standing, read(evaluation), better);
    if (this.standing.best === null || this.standing.waited > 0) return;
    this.forget();
    this.best = this.variables.map((variable) => variable.clone());
  }

  /** True once the patience is at its end. */
  get isDue(): boolean {
    return isPatienceOver(this.standing, this.patience);
  }

  /** Puts the best weights back. */
  restore(): void {
    this.best.forEach((tensor, k) => this.variables[k].assign(tensor));
    this.forget();
  }

  private forget(): void {
    for (const tensor of this.best) tensor.dispose();
    this.best = [];
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
    return plateauDrops(this.seen, this.watch.better, this.patience);
  }
}
