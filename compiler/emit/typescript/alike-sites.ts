import type { ParameterInfo, StateInfo } from "../../ir/parameters.ts";
import { groupedBy } from "./grouping.ts";
import type { Site, Use } from "./sites.ts";

/** Sites of one layer by the first that is like them: at the same sizes, with the same settings, it computes the same. */
export function alikeSites(sites: readonly Site[]): ReadonlyMap<Site, readonly Site[]> {
  const groups = groupedBy(sites, ({ uses }) => JSON.stringify(uses.map(keyOf)));
  return new Map([...groups.values()].map((alike) => [alike[0], alike]));
}

/** All of a use that what it computes depends on: anything but where it stands. */
function keyOf({ instruction, inputTypes, outputType, parameters, states, chains, batch }: Use): unknown {
  const weights = (list: readonly (ParameterInfo | StateInfo)[]): unknown =>
    list.map(({ name, shape }) => [name.slice(instruction.path.length), shape]);
  return [instruction.settings, inputTypes, outputType, weights(parameters), weights(states), chains, batch];
}
