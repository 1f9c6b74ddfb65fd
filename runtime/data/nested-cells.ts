import { depthOf, goTogether, type Depth, type NestedList } from "./nested.ts";

/** Cells of a column that are lists in lists, and no arrays of one shape. */
export class NestedCells {
  readonly cells: (NestedList | null)[];
  /** The cell that made them so: "row 2 has …". */
  readonly uneven: string;
  #depth: Depth = { depth: 1, isOpen: true };

  constructor(before: readonly (NestedList | null)[], uneven: string) {
    this.cells = [...before];
    this.uneven = uneven;
    for (const cell of before) this.#depth = (cell && this.#withCell(cell)) ?? this.#depth;
  }

  get depth(): number {
    return Math.max(2, this.#depth.depth);
  }

  /** False for a cell with words at another level than those before it. */
  takes(cell: NestedList): boolean {
    return this.#withCell(cell) !== null;
  }

  push(cell: NestedList): void {
    this.#depth = this.#withCell(cell) ?? this.#depth;
    this.cells.push(cell);
  }

  #withCell(cell: NestedList): Depth | null {
    const own = depthOf(cell);
    if (own === null || !goTogether(own, this.#depth)) return null;
    return { depth: Math.max(own.depth, this.#depth.depth), isOpen: own.isOpen && this.#depth.isOpen };
  }
}
