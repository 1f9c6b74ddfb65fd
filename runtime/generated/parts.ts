/** Whether a weight's name begins with a part: `bird.dense_2.kernel` with `bird` and with `bird.dense_2`. */
export function stands(name: string, part: string): boolean {
  return name === part || name.startsWith(`${part}.`);
}

/** The entry of the longest beginning of a name. */
export function longest<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  const [part] = Object.keys(table)
    .filter((each) => stands(name, each))
    .sort((a, b) => b.length - a.length);
  return part === undefined ? undefined : table[part];
}
