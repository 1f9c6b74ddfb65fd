import { grouped } from "../prose/numbers.ts";
import { diagnostic } from "./diagnostic.ts";

/** MTL7xxx: a sound file that cannot be made into a program here. */

export const compilation = {
  notBuilt: diagnostic<{ noun: string; word: string }>({
    code: "MTL7001",
    name: "not-built-yet",
    severity: "error",
    message: ({ noun, word }) => `the ${noun} \`${word}\` cannot be trained yet`,
    why: "The word is part of the language, so `check` and `describe` know it: its settings, its shapes, its parameters. What it computes is not built in this version: `check` warns of it, `train` stops at it. All such words stand in docs/words.md.",
    bad: `task a: flag { head: x -> dense }\ntask b: real { head: x -> dense }\ntrain { balance: gradnorm }`,
    good: `task a: flag { head: x -> dense }\ntask b: real { head: x -> dense }\ntrain { balance: uncertainty }`,
    wrap: "run",
  }),
  tooManyParameters: diagnostic<{ parameters: number; limit: number; largest: string; size: number }>({
    code: "MTL7002",
    name: "too-many-parameters",
    severity: "error",
    message: ({ parameters, limit, largest, size }) =>
      `this network would have ${grouped(parameters)} parameters, more than the ${grouped(limit)} that can be trained here; \`${largest}\` alone has ${grouped(size)}`,
    why: "Sizes are checked before memory is taken. Every parameter needs four bytes, and four more for each vector that the optimizer keeps.",
    bad: `shared h = x -> dense(30_000) -> dense(30_000)\ntask z: real { head: h -> dense }`,
    good: `shared h = x -> dense(1_000) -> dense(1_000)\ntask z: real { head: h -> dense }`,
    wrap: "model",
  }),
  tooManyLayers: diagnostic<{ layers: number; limit: number; largest: string; own: number }>({
    code: "MTL7005",
    name: "too-many-layers",
    severity: "error",
    message: ({ layers, limit, largest, own }) =>
      `this network would have ${grouped(layers)} layers, more than the ${grouped(limit)} that are made into one training step here` +
      (own > 1 ? `; this \`${largest}\` alone stands for ${grouped(own)}` : ""),
    why: "A training step is put together from the operations of all layers, which takes some twenty seconds for 4,000 of them and longer for each further one. Copies of a chain count one by one, and a layer of a `transformer` counts as the 14 that it is made of: norms, attention, `dense`, sums.",
    bad: `shared h = x -> dense(8) -> repeat(2_500, dense(8) -> relu)\ntask z: real { head: h -> dense }`,
    good: `shared h = x -> dense(8) -> repeat(25, dense(8) -> relu)\ntask z: real { head: h -> dense }`,
    wrap: "model",
  }),
  tensorTooLarge: diagnostic<{ value: string; elements: number; batch: number; limit: number }>({
    code: "MTL7003",
    name: "tensor-too-large",
    severity: "error",
    message: ({ value, elements, batch, limit }) =>
      `\`${value}\` holds ${grouped(elements)} numbers for ${batch === 1 ? "one example" : "one batch"}, more than the ${grouped(limit)} that an engine can index`,
    why: "An engine addresses a tensor's elements with 31 bits. A smaller `batch`, fewer channels or an earlier pooling make the tensor smaller.",
    bad: `input photo: f32[4096, 4096, 3]\nshared h = photo -> conv2d(256, kernel: 3) -> mean_pool\ntask z: real { head: h -> dense }`,
    good: `input photo: f32[4096, 4096, 3]\nshared h = photo -> conv2d(8, kernel: 3, stride: 8) -> mean_pool\ntask z: real { head: h -> dense }`,
    wrap: "model",
  }),
  tableTooLarge: diagnostic<{ classes: number; limit: number }>({
    code: "MTL4015",
    name: "table-too-large",
    severity: "error",
    message: ({ classes, limit }) =>
      `\`confusion\` of ${grouped(classes)} classes is a table of ${grouped(classes ** 2)} numbers, more than the ${grouped(limit)} that anybody can look at`,
    why: "The table of confusions has a row and a column for each class. Every other metric of classes counts only what occurs, and takes any number of them.",
    bad: `task z: class(5_000) { head: x -> dense, metrics: [accuracy, confusion] }`,
    good: `task z: class(5_000) { head: x -> dense, metrics: [accuracy, f1] }`,
    wrap: "model",
  }),
  notInTarget: diagnostic<{ what: string; target: string }>({
    code: "MTL7004",
    name: "not-in-this-target",
    severity: "error",
    message: ({ what, target }) => `${target} cannot be made of ${what} yet`,
    why: "Training knows more of the language than this target has spellings for. `mtlc train` runs the file as it is.",
    bad: `train { accumulate: 4 }`,
    good: `train { batch: 128 }`,
    wrap: "run",
  }),
};
