import { variablesOf } from "./network.ts";
import type { Tensor, Variable } from "./tensors.ts";

/** Ends training when a watched value has not improved for some epochs, and keeps the weights that it was best with. */
export class EarlyStopping {
  private readonly variables: readonly Variable[];
  private readonly settings: { readonly patience: number; readonly better: "up" | "down" };
  private best: { readonly value: number; readonly weights: readonly Tensor[] } | null = null;
  private waited = 0;

  constructor(weights: object, settings: { readonly patience: number; readonly better: "up" | "down" }) {
    this.variables = variablesOf(weights);
    this.settings = settings;
  }

  /** Notes the value after an epoch; null counts as no improvement. */
  note(value: number | null): void {
    const { best, settings } = this;
    const improved =
      value !== null && (best === null || (settings.better === "up" ? value > best.value : value < best.value));
    this.waited = improved ? 0 : this.waited + 1;
    if (!improved) return;
    this.forget();
    this.best = { value, weights: this.variables.map((variable) => variable.clone()) };
  }

  /** True once the patience is at its end. */
  get isDue(): boolean {
    return this.waited >= this.settings.patience;
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
