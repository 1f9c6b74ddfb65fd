import { others, place, type BadCell } from "./data.ts";
import { diagnostic } from "./diagnostic.ts";

/** What cells and numbers cannot stand for. */
export const cells = {
  cellIsNoCode: diagnostic<BadCell & { codes: number }>({
    code: "MTL8017",
    name: "cell-is-no-code",
    severity: "error",
    message: (bad) => `${place(bad)}: ${bad.cell} is not one of the codes 0 … ${bad.codes - 1}${others(bad)}`,
    why: '`embed(…, codes: n)` has a row for each of the codes 0 … n - 1 of an `i32` input. For another code there is no row; what stands for "unknown" needs a code of its own, or a `category`, whose code 0 it is.',
    bad: `input shop: i32`,
    good: `input shop: category`,
    wrap: "data",
  }),
  numberNotExact: diagnostic<{ digits: string }>({
    code: "MTL8018",
    name: "number-not-exact",
    severity: "error",
    message: ({ digits }) => `${digits} has more digits than a number holds: it would stand for its neighbours as well`,
    why: "Whole numbers are exact up to 2^53. Cells beyond it, keys as a rule, are compared digit by digit, as texts are; so they are written as texts.",
    bad: `data { train: csv("visits.csv", only: { user: 9007199254740993 }) }`,
    good: `data { train: csv("visits.csv", only: { user: "9007199254740993" }) }`,
    wrap: "data",
  }),
  cellIsNotExact: diagnostic<Pick<BadCell, "file" | "row" | "column" | "cell" | "more">>({
    code: "MTL8083",
    name: "cell-is-not-exact",
    severity: "error",
    message: (bad) =>
      `${place(bad)}: ${bad.cell} is a whole number beyond 2^53, which would stand for its neighbours as well${others(bad)}`,
    why: "Numbers of programs, of arrays of floats, and those with an exponent or a point hold whole numbers one by one up to 2^53. Beyond it two keys become one number. Where cells are told apart (categories, labels, keys, groups, filters), such cells are texts of all their digits, or integers of 64 bits: `bigint` in a program, int64 in an array.",
    bad: `input user: category { from: "user as a float" }`,
    good: `input user: category { from: "user in all digits" }`,
    wrap: "data",
  }),
};
