/** Names in a loader's text. */

const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

/** A key of an object's literal or type. */
export function property(name: string): string {
  return IDENTIFIER.test(name) ? name : JSON.stringify(name);
}

export function access(name: string): string {
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** The beginning of a variable's name: something is always put behind it. */
export function identifier(name: string): string {
  return name.replace(/[^\p{ID_Continue}$]/gu, "_").replace(/^(?=\d)/, "_");
}
