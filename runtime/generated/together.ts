/** What stands at one place of several lists, place by place. */
export function together<Item>(first: readonly Item[], second: readonly Item[]): Generator<[Item, Item]>;
export function together<Item>(
  first: readonly Item[],
  second: readonly Item[],
  third: readonly Item[],
): Generator<[Item, Item, Item]>;
export function* together<Item>(...lists: readonly (readonly Item[])[]): Generator<Item[]> {
  for (const place of lists[0].keys()) yield lists.map((list) => list[place]);
}
