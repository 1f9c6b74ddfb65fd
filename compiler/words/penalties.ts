import type { PenaltyRow } from "../registry/rows.ts";
import { number } from "../registry/settings.ts";

const strength = number({ min: 0 }).positional().describe("λ, the factor of the penalty.");

/** Norms of the weights that `train { penalty: … }` adds to the loss. */
export const penaltyRows: readonly PenaltyRow[] = [
  {
    table: "penalty",
    name: "l1",
    doc: "Adds λ Σ |w| over kernels and embeddings.",
    settings: { strength },
    built: true,
    aliases: ["L1", "lasso"],
    norm: (g, weights) => g.sum(g.abs(weights)),
  },
  {
    table: "penalty",
    name: "l2",
    doc: "Adds λ Σ w² over kernels and embeddings.",
    settings: { strength },
    built: true,
    aliases: ["L2", "ridge", "weight_decay"],
    norm: (g, weights) => g.sum(g.square(weights)),
  },
];
