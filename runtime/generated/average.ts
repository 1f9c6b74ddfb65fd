import { decayAt } from "../../compiler/optimizers/average.ts";
import { copyWeights } from "./network.ts";
import type { TensorFlow, Variable } from "./tensors.ts";

/** How slowly the average moves; with `ramp` faster at first. */
export interface AverageSettings {
  readonly decay: number;
  readonly ramp: boolean;
}

/** A moving average of a network's weights, from where they are when it is asked for first. */
export class Average {
  private readonly tf: TensorFlow;
  private readonly settings: AverageSettings;
  private readonly copies = new Map<Variable, Variable>();
  private steps = 0;

  constructor(tf: TensorFlow, settings: AverageSettings) {
    this.tf = tf;
    this.settings = settings;
  }

  /** The network with averages in place of its weights. What no gradient moves, such as a norm's statistics, is shared. */
  of<Network extends { readonly weights: object }>(network: Network): Network {
    const copy = copyWeights(this.tf, network.weights, (weight, made) => this.copies.set(weight, made));
    return { ...network, weights: copy };
  }

  /** Moves the averages of these weights: a ← δa + (1 - δ)w. */
  move(weights: readonly Variable[]): void {
    const { tf } = this;
    const keep = decayAt(this.settings, this.steps);
    this.steps += 1;
    for (const weight of weights) {
      const average = this.copies.get(weight);
      if (!average) continue;
      const next = tf.tidy(() => tf.addN([tf.mul(average, keep), tf.mul(weight, 1 - keep)]));
      average.assign(next);
      next.dispose();
    }
  }
}
