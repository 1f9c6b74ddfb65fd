/** What loaders of exported graphs take in, `mtlc.` in their text: how cells are read, and what is noticed of them. */
export {
  findCell,
  isEmptyText,
  isInexactText,
  listWords,
  numberOfCell,
  numeralIn,
  textOfCell,
} from "../compiler/words/cells.ts";
export {
  areStrangeTexts,
  note,
  tally,
  textsCut,
  unseenCategories,
  unseenIn,
  unseenWords,
  type Tally,
} from "../compiler/words/noticed.ts";
