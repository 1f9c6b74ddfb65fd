/** Checksums of what a run keeps: SHA-256, of bytes or of what a JSON file says. */

/** SHA-256 of pieces that follow each other, in hexadecimal digits. */
export type Digest = (pieces: readonly Uint8Array[]) => string;

/** Of what JSON says, however its text is laid out and whatever order its keys have. */
export function checksumOf(value: unknown, digest: Digest): string {
  return digest([new TextEncoder().encode(canonical(value))]);
}

/** Of a text, whichever line ends it was checked out with. */
export function checksumOfText(text: string, digest: Digest): string {
  return digest([new TextEncoder().encode(text.replaceAll("\r\n", "\n"))]);
}

/** JSON without blanks, the keys of each object in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, held]) => held !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`).join(",")}}`;
}

/** What is to be written as JSON, with the run that it is of and a checksum of all else. */
export function sealed<T extends object>(
  value: T,
  run: string | undefined,
  digest: Digest,
): T & { readonly checksum: string } {
  return { ...value, ...(run !== undefined && { run }), checksum: checksumOf(value, digest) };
}
