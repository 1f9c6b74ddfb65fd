import { elementCount } from "../graph/graph.ts";
import type { RandomStream, StartRow } from "../registry/rows.ts";
import { number } from "../registry/settings.ts";
import { start } from "./row.ts";

/** A kernel as a matrix: everything before the last axis, and the last axis. */
function matrixShape(shape: readonly number[]): { rows: number; columns: number } {
  const columns = shape.at(-1) ?? 1;
  return { rows: elementCount(shape.slice(0, -1)), columns };
}

/**
 * Q of a Gaussian matrix's QR decomposition (Householder reflections), rows ≥ columns, column by column: element (i, j) stands
 * at j · rows + i. Each column is multiplied by the sign of R's diagonal: only so is every orthogonal matrix equally likely.
 */
function orthonormalColumns(rows: number, columns: number, random: RandomStream): Float64Array {
  // Column j becomes, from row j on, the unit vector v of its reflection I - 2 v vᵀ.
  const a = new Float64Array(rows * columns);
  for (let k = 0; k < a.length; k++) a[k] = random.normal();
  const column = (matrix: Float64Array, j: number): Float64Array => matrix.subarray(j * rows, (j + 1) * rows);
  const signs = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    const v = column(a, j);
    const norm = Math.sqrt(dotFrom(j, v, v));
    // The reflection maps the column to ∓norm, away from its head: R's diagonal has that sign.
    signs[j] = v[j] >= 0 ? -1 : 1;
    v[j] -= signs[j] * norm;
    const length = Math.sqrt(dotFrom(j, v, v)) || 1;
    for (let i = j; i < rows; i++) v[i] /= length;
    for (let k = j + 1; k < columns; k++) reflect(j, v, column(a, k));
  }
  const q = new Float64Array(rows * columns);
  for (let k = 0; k < columns; k++) {
    q[k * rows + k] = signs[k];
    for (let j = columns - 1; j >= 0; j--) reflect(j, column(a, j), column(q, k));
  }
  return q;
}

function dotFrom(start: number, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = start; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** x ← (I - 2 v vᵀ) x, where v is 0 above row `start`. */
function reflect(start: number, v: Float64Array, x: Float64Array): void {
  const twice = 2 * dotFrom(start, v, x);
  for (let i = start; i < x.length; i++) x[i] -= twice * v[i];
}

/** Starts that are matrices of a kind; a kernel with more axes is read as [everything before, last axis]. */
export const matrixRows: readonly StartRow[] = [
  start({
    name: "orthogonal",
    doc: "A random matrix with orthonormal columns (rows where it is wider than tall), times `gain`: Q of a Gaussian matrix's QR decomposition. Signals keep their length; the start of recurrent kernels.",
    settings: { gain: number().positional().default(1).describe("Factor of every element.") },
    source: "1312.6120",
    aliases: ["orthogonal_", "Orthogonal", "OrthogonalInitializer"],
    fill({ gain }, spec, random) {
      const { rows, columns } = matrixShape(spec.shape);
      const tall = rows >= columns;
      const q = orthonormalColumns(Math.max(rows, columns), Math.min(rows, columns), random);
      return Float32Array.from({ length: rows * columns }, (_, at) => {
        const row = Math.floor(at / columns);
        const column = at % columns;
        return gain * (tall ? q[column * rows + row] : q[row * columns + column]);
      });
    },
  }),
  start({
    name: "identity",
    doc: "1 where input and output have the same index, 0 elsewhere; a convolution's kernel has it at the middle place of its window.",
    settings: {},
    aliases: ["eye", "eye_", "dirac", "dirac_", "Identity"],
    fill(_, spec) {
      const values = new Float32Array(elementCount(spec.shape));
      const outputs = spec.shape.at(-1) ?? 1;
      const inputs = spec.shape.at(-2) ?? 1;
      const middle = spec.shape.slice(0, -2).reduce((at, size) => at * size + Math.floor((size - 1) / 2), 0);
      for (let k = 0; k < Math.min(inputs, outputs); k++) values[(middle * inputs + k) * outputs + k] = 1;
      return values;
    },
  }),
];
