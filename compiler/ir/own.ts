/** An entry of a record whose keys are people's own names: every object inherits a `constructor`, which is no task's. */
export function ownOf<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A record of entries under people's own names, `__proto__` among them; undefined where the value of one is not known. */
export function recordOf<Value>(
  entries: readonly (readonly [string, Value | undefined])[],
): Readonly<Record<string, Value>> | undefined {
  const known = entries.filter((entry): entry is readonly [string, Value] => entry[1] !== undefined);
  return known.length === entries.length ? Object.fromEntries(known) : undefined;
}
