/** Keys of `train` in company, and phases. */
export const trainVariants: readonly string[] = [
  "accumulate: 2",
  "accumulate: 2\n  balance: pcgrad\n  clip: norm(0.5)",
  "accumulate: 3\n  balance: [uncertainty, pcgrad]",
  "freeze: [low]",
  "rates: { low: 0.1, beta: 2 }",
  "rates: { high: 0.5 }\n  optimizer: adamw(rate: 1e-2)\n  average: ema(0.9)",
  "penalty: [l1(1e-3), l2(1e-2)]\n  balance: imtl_g",
  "clip: value(0.05)\n  optimizer: rmsprop(rate: 1e-3)\n  schedule: cosine(warmup: 4)",
  "balance: [dwa, uncertainty, pcgrad]\n  clip: norm(1)",
  "balance: [uncertainty(every: 2), config(smoothing: 0.5)]",
  "balance: static(on_nonfinite: skip)",
  "balance: uncertainty(on_nonfinite: skip)\n  accumulate: 2",
  "balance: uncertainty(rate: 0.01, form: positive)\n  optimizer: adam(rate: 1e-2)\n  schedule: linear",
  "balance: imtl_g\n  schedule: exponential(0.8)\n  accumulate: 2",
  "shuffle: false",
  `train first { optimizer: adam(rate: 1e-2), balance: uncertainty, batch: 6, epochs: 7, seed: 7 }
train second { optimizer: sgd(rate: 0.05), freeze: [low], balance: pcgrad, epochs: 7 }`,
  `train first { optimizer: adam(rate: 1e-2), batch: 6, steps: 7, seed: 7, stop: early(on: validation.loss, patience: 1) }
train second { optimizer: adam(rate: 1e-3, amsgrad: true), schedule: cosine, batch: 4, steps: 13, average: ema(0.8) }`,
];
