/** An entry of a record whose keys are people's own names: every object inherits a `constructor`, which is no task's. */
export function ownOf<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
