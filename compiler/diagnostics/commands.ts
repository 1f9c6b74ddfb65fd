import { diagnostic } from "./diagnostic.ts";

/** MTL831x: what a command is given. */

export const fileNotRead = diagnostic<{ problem: string }>({
  code: "MTL8310",
  name: "file-not-read",
  severity: "error",
  message: ({ problem }) => problem,
  why: "`mtlc check` takes the paths of `.mtl` files. One that is not there, or may not be read, is named; the others are checked all the same, and the exit code is 2.",
  bad: "mtlc check penguins.mtl pengiuns.mtl",
  good: "mtlc check penguins.mtl",
  wrap: "run",
});
