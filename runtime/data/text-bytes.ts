import { decodeText, readBytes } from "./files.ts";
import type { DataFile } from "./files.ts";
import { foreignTo } from "./foreign.ts";
import { unreadable } from "./unreadable.ts";

/** The bytes of a file of text in pieces, without a mark of byte order. Throws where they begin as something else does. */
export async function* readTextBytes(file: DataFile): AsyncGenerator<Buffer> {
  let first = true;
  for await (const piece of readBytes(file)) {
    yield first ? begun(file, piece) : piece;
    first = false;
  }
}

function begun(file: DataFile, piece: Buffer): Buffer {
  const foreign = foreignTo(piece);
  if (foreign !== null) throw unreadable(file, foreign.problem, foreign.help);
  // A mark of UTF-16 is refused.
  decodeText(file, piece.subarray(0, piece.length >= 2 && piece[0] + piece[1] === 0xff + 0xfe ? 2 : 0));
  return piece.length >= 3 && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf ? piece.subarray(3) : piece;
}

/** What is said of another source that reads such a file. */
export function readBy(file: DataFile, word: string): string {
  return file.span ? `read it by \`${word}(…)\`` : `give it a name that ends in .${word}`;
}
