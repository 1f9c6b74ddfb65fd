import { diagnostic } from "./diagnostic.ts";

/** MTL7xxx: a sound file that cannot be made into a program here. */

const grouped = (n: number) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

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
    bad: `shared h = x -> dense(1_000_000) -> dense(1_000_000)\ntask z: real { head: h -> dense }`,
    good: `shared h = x -> dense(1_000) -> dense(1_000)\ntask z: real { head: h -> dense }`,
    wrap: "run",
  }),
  tensorTooLarge: diagnostic<{ value: string; elements: number; limit: number }>({
    code: "MTL7003",
    name: "tensor-too-large",
    severity: "error",
    message: ({ value, elements, limit }) =>
      `\`${value}\` holds ${grouped(elements)} numbers for one batch, more than the ${grouped(limit)} that an engine can index`,
    why: "An engine addresses a tensor's elements with 31 bits. A smaller `batch`, fewer channels or an earlier pooling make the tensor smaller.",
    bad: `input image: f32[4096, 4096, 3]\nshared h = image -> conv2d(256, kernel: 3) -> mean_pool\ntask z: real { head: h -> dense }`,
    good: `input image: f32[4096, 4096, 3]\nshared h = image -> conv2d(8, kernel: 3, stride: 8) -> mean_pool\ntask z: real { head: h -> dense }`,
    wrap: "run",
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
