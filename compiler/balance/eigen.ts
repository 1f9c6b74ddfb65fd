/** Eigenvalues and eigenvectors of a symmetric matrix. */
export interface Eigen {
  /** In no particular order. */
  readonly values: Float64Array;
  /** [n × n] row-major: column k belongs to value k. */
  readonly vectors: Float64Array;
}

/** Sweeps over all pairs; small matrices are diagonal to the last bit after six or seven. */
const MOST_SWEEPS = 60;

/** Cyclic Jacobi rotations on an [n × n] symmetric matrix: accurate for graded matrices, whose small eigenvalues matter here. */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotated = rotate(a, vectors, n, p, q) || rotated;
    if (!rotated) break;
  }
  return { values: Float64Array.from({ length: n }, (_, k) => a[k * n + k]), vectors };
}

/** Makes the element (p, q) zero; false where it is already nothing beside its diagonal. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): boolean {
  const off = a[p * n + q];
  const size = Math.sqrt(Math.abs(a[p * n + p] * a[q * n + q]));
  if (off === 0 || Math.abs(off) <= 1e-17 * size) return false;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  a[p * n + p] -= t * off;
  a[q * n + q] += t * off;
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  for (let k = 0; k < n; k++) {
    if (k !== p && k !== q) {
      const x = a[k * n + p];
      const y = a[k * n + q];
      a[k * n + p] = a[p * n + k] = c * x - s * y;
      a[k * n + q] = a[q * n + k] = s * x + c * y;
    }
    const x = vectors[k * n + p];
    const y = vectors[k * n + q];
    vectors[k * n + p] = c * x - s * y;
    vectors[k * n + q] = s * x + c * y;
  }
  return true;
}
