/** Texts that hold bytes which are no UTF-8. */

/** The letter that stands for bytes which are no UTF-8. */
const GARBLED = "\u{fffd}";

export function isGarbled(text: string): boolean {
  return text.includes(GARBLED);
}

/** Whether a value of JSON holds a text that is garbled. */
export function holdsGarbled(value: unknown): boolean {
  if (typeof value === "string") return isGarbled(value);
  return typeof value === "object" && value !== null && isGarbled(JSON.stringify(value));
}

/** Whether a garbled name may be that of one of `names`: what can be read of it agrees. */
export function mayBeOneOf(garbled: string, names: Iterable<string>): boolean {
  const pieces = garbled.split(/\u{fffd}+/u).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`^${pieces.join(".+")}$`, "su");
  return [...names].some((name) => pattern.test(name));
}
