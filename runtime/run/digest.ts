import { createHash } from "node:crypto";

/** Bytes that are hashed at once: a hash takes less than 2^31. */
const PIECE = 2 ** 28;

/** SHA-256 in hexadecimal digits, of arrays that follow each other. */
export function digest(arrays: readonly ArrayBufferView[]): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays)
    for (let at = 0; at < byteLength; at += PIECE)
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(PIECE, byteLength - at)));
  return hash.digest("hex");
}
