import type { Declared } from "../context/scope.ts";

/** What a setting may name, and what it is called in messages. */
export const wantedNames: Readonly<
  Record<"task" | "axis" | "declaration", { readonly kinds: readonly Declared["kind"][]; readonly what: string }>
> = {
  task: { kinds: ["task"], what: "task" },
  axis: { kinds: ["input"], what: "token input" },
  declaration: { kinds: ["layer", "shared", "task"], what: "part of the network" },
};
