import type { Part, Statement } from "./runtime-source.ts";

/** Statements and keys that are needed, with all that they need in turn. */
export class Needed {
  readonly names = new Set<string>();
  private readonly keys = new Set<string>();
  private readonly all: readonly Statement[];
  /** What stands there only where a key is needed that nobody needs yet. */
  private readonly waiting = new Map<string, Part[]>();

  constructor(all: readonly Statement[]) {
    this.all = all;
  }

  get statements(): readonly Statement[] {
    return this.all.filter(({ names }) => names.some((name) => this.names.has(name)));
  }

  /** Keys that nobody has asked for yet. */
  get openKeys(): readonly string[] {
    return [...this.waiting.keys()];
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  add(name: string): void {
    if (this.names.has(name)) return;
    this.names.add(name);
    const found = this.all.filter(({ names }) => names.includes(name));
    if (found.length === 0) throw new Error(`the runtime has no ${name}`);
    for (const { parts } of found) this.follow(parts);
  }

  key(key: string): void {
    if (this.keys.has(key)) return;
    this.keys.add(key);
    const parts = this.waiting.get(key) ?? [];
    this.waiting.delete(key);
    this.follow(parts);
  }

  private follow(parts: readonly Part[]): void {
    for (const part of parts) {
      if (typeof part === "string") continue;
      if ("use" in part) this.add(part.use);
      else if ("need" in part) this.key(part.need);
      else if (this.keys.has(part.key)) this.follow(part.parts);
      else this.waiting.set(part.key, [...(this.waiting.get(part.key) ?? []), ...part.parts]);
    }
  }
}
