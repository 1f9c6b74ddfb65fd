import type { SourceTree, SyntaxProblem } from "../../../grammar/tree.ts";

/** Problems behind which the text may mean something else than it was read as. */
export function guesses(tree: SourceTree): readonly SyntaxProblem[] {
  return tree.problems.filter(({ certain }) => certain !== true);
}
