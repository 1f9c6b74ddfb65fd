import { expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { lookIntoTables } from "../../runtime/data/look.ts";
import { askedBy } from "../../compiler/check/tables/asked.ts";
import { load } from "../../src/index.ts";
import { runTraining } from "../../src/project/training.ts";
import { failures } from "./data-fixtures.ts";
import { folderOf, prepared, sourceOf } from "./small-training.ts";
import { join } from "node:path";

/** Names and labels that look alike are told apart letter by letter, and shown so that one sees it. */

const program = (column: string, labels = ""): string =>
  `model M\ninput x: f32 { from: "${column}" }\ntask y: class${labels} { head: x -> dense }\ntrain { epochs: 1 }\ndata { train: csv("rows.csv") }`;

it.each([
  [
    "letters taken apart",
    "na\u{ef}ve",
    "nai\u{308}ve",
    String.raw`"nai\u{308}ve" is there, and only looks like "naïve"`,
  ],
  [
    "letters put together",
    "nai\u{308}ve",
    "na\u{ef}ve",
    String.raw`"naïve" is there, and only looks like "nai\u{308}ve"`,
  ],
  [
    "a no-break space",
    "Total (€)",
    "Total\u{a0}(€)",
    String.raw`"Total\u{a0}(€)" is there, and only looks like "Total (€)"`,
  ],
  ["a zero-width space", "price", "pri\u{200b}ce", String.raw`"pri\u{200b}ce" is there, and only looks like "price"`],
])("columns with %s", async (_, asked, there, help) => {
  const table = `${there},y\n1,a\n2,b\n`;
  const [found] = await failures(() => prepared(program(asked), { "rows.csv": table }));
  const said = `${help}: letters are compared one by one`;
  expect(found).toMatchObject({ code: "MTL8003", help: said });
  const { model } = compile(program(asked));
  if (!model) throw new Error("a sound model was expected");
  const folder = folderOf({ "rows.csv": table });
  // By `check`, and by a trained run that is asked.
  expect(await lookIntoTables(askedBy(model), folder)).toMatchObject([{ code: "MTL8003", help: said }]);
  const run = join(folder, "run");
  await runTraining(sourceOf(program(asked), { "rows.csv": table.replace(there, asked) }), { run });
  const network = await load(run);
  expect(await failures(() => network.predict({ [there]: 1 }))).toMatchObject([{ code: "MTL8003", help: said }]);
  await network.close();
});

it("columns with a blank behind, though another declaration reads the one that is meant", async () => {
  const text = program("price").replace("head: x", 'target: "price ", head: x');
  const [found] = await failures(() => prepared(text, { "rows.csv": "price,y\n1,a\n2,b\n" }));
  const help = '"price" is there, and only looks like "price ": letters are compared one by one';
  expect(found).toMatchObject({ code: "MTL8003", help });
});

it("labels", async () => {
  const table = "x,y\n1,cafe\u{301}\n2,tea\n";
  const [found] = await failures(() => prepared(program("x", '(["caf\u{e9}", "tea"])'), { "rows.csv": table }));
  expect(found).toMatchObject({
    code: "MTL8013",
    help: String.raw`mend the cell: "cafe\u{301}" only looks like "café"`,
  });
});
