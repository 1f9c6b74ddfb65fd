/** Files that are something else than their source says, told by their first bytes. */

export interface Foreign {
  readonly problem: string;
  readonly help: string;
}

const unpack = "unpack it first";
const saveRows = "save its rows as CSV";

/** What formats begin with, as Latin-1. */
const kinds: readonly { readonly begins: string; readonly what: string; readonly help: string }[] = [
  { begins: "\x1f\x8b", what: "is packed by gzip", help: "give it a name that ends in `.gz`" },
  { begins: "BZh", what: "is packed by bzip2", help: unpack },
  { begins: "\xfd7zXZ\0", what: "is packed by xz", help: unpack },
  { begins: "\x28\xb5\x2f\xfd", what: "is packed by zstd", help: unpack },
  { begins: "7z\xbc\xaf\x27\x1c", what: "is a 7z archive", help: unpack },
  { begins: "PAR1", what: "is a Parquet file", help: saveRows },
  { begins: "ARROW1", what: "is an Arrow file", help: saveRows },
  { begins: "FEA1", what: "is a Feather file", help: saveRows },
  { begins: "\x89HDF", what: "is an HDF5 file", help: saveRows },
  { begins: "SQLite format 3", what: "is a SQLite data base", help: saveRows },
  { begins: "\xd0\xcf\x11\xe0", what: "is a spreadsheet of Excel", help: saveRows },
  {
    begins: "\x93NUMPY",
    what: "is an array of NumPy",
    help: "save it by `numpy.savez`, and read it by `npz(…)`",
  },
  { begins: "%PDF", what: "is a PDF", help: saveRows },
  { begins: "\x89PNG", what: "is a picture", help: "give a file of rows here" },
  { begins: "\xff\xd8\xff", what: "is a picture", help: "give a file of rows here" },
  { begins: "\x80\x03", what: "is a pickle of Python, which is never loaded", help: saveRows },
  { begins: "\x80\x04", what: "is a pickle of Python, which is never loaded", help: saveRows },
  { begins: "\x80\x05", what: "is a pickle of Python, which is never loaded", help: saveRows },
];

/** What a file of text turns out to be by its first bytes; null where it may be text. */
export function foreignTo(bytes: Uint8Array): Foreign | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString("latin1");
  const known = kinds.find(({ begins }) => head.startsWith(begins));
  if (known !== undefined) return { problem: `it ${known.what}`, help: known.help };
  if (head.startsWith("PK\x03\x04"))
    return /xl\/|\[Content_Types\]\.xml/.test(head)
      ? { problem: "it is a spreadsheet of Excel", help: saveRows }
      : head.includes(".npy")
        ? { problem: "it holds arrays of NumPy", help: "read it by `npz(…)`" }
        : { problem: "it is a zip archive", help: unpack };
  if (/^\s*<(?:!doctype\s+html|html|\?xml|head|body)\b/i.test(head))
    return {
      problem: "it is a web page or XML",
      help: "look whether it was downloaded rightly; a file of rows is needed",
    };
  // Letters of 16 bits, without a mark of their order.
  if (/^(?:[\x09-\x7e]\0){4}|^(?:\0[\x09-\x7e]){4}/.test(head))
    return { problem: "it is UTF-16 text", help: "save it as UTF-8" };
  return null;
}
