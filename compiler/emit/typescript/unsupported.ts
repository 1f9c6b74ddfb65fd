/** Something of the language that TypeScript cannot be made of yet: named in words of the file. */
export class Unsupported extends Error {
  constructor(what: string) {
    super(what);
    this.name = "Unsupported";
  }
}
