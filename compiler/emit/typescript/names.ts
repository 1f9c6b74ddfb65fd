/** Names in generated source: camelCase, none taken twice, none that the language or the module needs for itself. */

const reserved: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof undefined var void while with yield NaN Infinity Math Number Object Array " +
    "Map Set Promise Error tf mtlc"
  ).split(" "),
);

export class Names {
  private readonly taken: Set<string>;
  constructor(taken: Iterable<string> = []) {
    this.taken = new Set(taken);
  }

  /** The wanted name, or one like it that is free. */
  take(wanted: string, further: readonly string[] = []): string {
    const base = identifier(wanted);
    const name = [base, ...further.map(identifier)].find((each) => this.isFree(each)) ?? this.lettered(base);
    this.taken.add(name);
    return name;
  }

  /** Names of an inner scope, in which those taken here are not free either. */
  inside(): Names {
    return new Names(this.taken);
  }

  private isFree(name: string): boolean {
    return !reserved.has(name) && !this.taken.has(name);
  }

  private lettered(base: string): string {
    for (let k = 1; ; k++) {
      const name = base + letters(k);
      if (this.isFree(name)) return name;
    }
  }
}

/** B, C … Z, AA … */
export function letters(k: number): string {
  const letter = String.fromCharCode(65 + (k % 26));
  return k < 26 ? letter : letters(Math.floor(k / 26) - 1) + letter;
}

/** `layer_norm` is `layerNorm`; what may not stand in a name is left out. */
export function camelCase(name: string): string {
  return name
    .replace(/[^\p{ID_Continue}$]+(\p{ID_Continue}?)/gu, (_, next: string) => next.toUpperCase())
    .replace(/_+([^_])/g, (_, next: string) => next.toUpperCase());
}

/** What a rule of the balance is called, which a list may have twice: `dwa`, `secondDwa`. */
export function ruleName(key: string): string {
  const [word, number] = key.split("#");
  if (number === undefined) return camelCase(word);
  const places = ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
  return `${places[Number(number) - 2] ?? "further"}${capital(camelCase(word))}`;
}

export function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

function identifier(wanted: string): string {
  const name = camelCase(wanted);
  return /^\p{ID_Start}/u.test(name) ? name : `_${name}`;
}

/** A key of an object: bare where it may be. */
export function keyCode(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

/** `.name`, or `["name"]` where that is needed. */
export function memberCode(name: string): string {
  const key = keyCode(name);
  return key === name ? `.${name}` : `[${key}]`;
}
