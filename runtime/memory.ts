import { totalmem } from "node:os";

/** Bytes of memory that this process may come to have: those of the machine, or of what it is confined to. */
export function memoryOfMachine(): number {
  const confined = process.constrainedMemory?.() ?? 0;
  return confined > 0 ? Math.min(totalmem(), confined) : totalmem();
}
