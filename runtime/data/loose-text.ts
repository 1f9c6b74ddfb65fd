import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { decodeText, MOST_TEXT } from "./files.ts";
import type { DataFile } from "./files.ts";

/** Texts whose bytes are no UTF-8 in places. Whether that matters shows when it is known what reads those places. */

export interface LooseText {
  readonly text: string;
  /** What is wrong with its bytes; null where nothing is. */
  readonly problem: DiagnosticError | null;
}

/** The text that bytes hold, as far as they can be read. */
export function looseText(file: DataFile, bytes: Uint8Array, where = ""): LooseText {
  try {
    return { text: decodeText(file, bytes, where), problem: null };
  } catch (error) {
    if (!(error instanceof DiagnosticError) || bytes.length > MOST_TEXT) throw error;
    return { text: new TextDecoder().decode(bytes), problem: error };
  }
}
