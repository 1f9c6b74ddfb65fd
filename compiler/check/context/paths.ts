/** Layers are counted by kind within a path: `trunk.dense_1`, `trunk.dense_2`. */
export class PathCounter {
  readonly path: string;
  private readonly counts = new Map<string, number>();
  constructor(path: string) {
    this.path = path;
  }
  /** The path of the next layer of this kind. */
  next(layer: string): string {
    const count = (this.counts.get(layer) ?? 0) + 1;
    this.counts.set(layer, count);
    return `${this.path}.${layer}_${count}`;
  }
  /** The same, without counting it. */
  peek(layer: string): string {
    return `${this.path}.${layer}_${(this.counts.get(layer) ?? 0) + 1}`;
  }
}
