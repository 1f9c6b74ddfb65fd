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
 * Q of a Gaussian matrix's QR decomposition (Householder reflections), [rows × columns] row-major with rows ≥ columns. Each
 * column is multiplied by the sign of R's diagonal: only so is every orthogonal matrix equally likely.
 */
export function orthonormalColumns(rows: number, columns: number, random: RandomStream): Float64Array {
  const a = Float64Array.from({ length: rows * columns }, () => random.normal());
  const signs = new Float64Array(columns);
  // Column j of `a` below row j becomes the reflection's vector v, of unit length.
  for (let j = 0; j < columns; j++) {
    let squares = 0;
    for (let i = j; i < rows; i++) squares += a[i * columns + j] ** 2;
    const norm = Math.sqrt(squares);
    const head = a[j * columns + j];
    // The reflection maps the column to -sign(head) · norm: R's diagonal has that sign.
    signs[j] = head >= 0 ? -1 : 1;
    const pivot = head - signs[j] * norm;
    const length = Math.sqrt(squares - head * head + pivot * pivot) || 1;
    a[j * columns + j] = pivot;
    for (let i = j; i < rows; i++) a[i * columns + j] /= length;
    for (let k = j + 1; k < columns; k++) reflect(a, columns, rows, j, a, k);
  }
  const q = new Float64Array(rows * columns);
  for (let k = 0; k < columns; k++) {
    q[k * columns + k] = signs[k];
    for (let j = columns - 1; j >= 0; j--) reflect(a, columns, rows, j, q, k);
  }
  return q;
}

/** Column k of `target` ← (I - 2 v vᵀ) times it, where v stands in column j of `vectors` from row j on. */
function reflect(vectors: Float64Array, columns: number, rows: number, j: number, target: Float64Array, k: number) {
  let dot = 0;
  for (let i = j; i < rows; i++) dot += vectors[i * columns + j] * target[i * columns + k];
  for (let i = j; i < rows; i++) target[i * columns + k] -= 2 * dot * vectors[i * columns + j];
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
        return gain * (tall ? q[at] : q[column * rows + row]);
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
