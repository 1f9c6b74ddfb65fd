import { expect, test } from "vitest";
import { parse } from "../../grammar/parse.ts";

const span = (start: number, end: number) => ({ file: "t", start, end });
const name = (text: string, start: number, quoted = false) => ({
  text,
  quoted,
  span: span(start, start + text.length + (quoted ? 2 : 0)),
});

test("a shared tensor, whole", () => {
  const text = "/// d\nshared a = -b.c -> f(1, k: true)";
  expect(parse(text, "t")).toEqual({
    file: "t",
    text,
    problems: [],
    comments: [{ style: "doc", text: "/// d", span: span(0, 5) }],
    declarations: [
      {
        kind: "shared",
        doc: "d",
        keyword: span(6, 12),
        span: span(6, 38),
        name: name("a", 13),
        value: {
          kind: "pipeline",
          span: span(17, 38),
          steps: [
            {
              kind: "negate",
              span: span(17, 21),
              operand: {
                kind: "member",
                object: { kind: "reference", name: name("b", 18), span: span(18, 19) },
                member: name("c", 20),
                span: span(18, 21),
              },
            },
            {
              kind: "call",
              name: name("f", 25),
              span: span(25, 38),
              arguments: [
                { value: { kind: "number", value: 1, text: "1", span: span(27, 28) }, span: span(27, 28) },
                {
                  name: name("k", 30),
                  value: { kind: "boolean", value: true, span: span(33, 37) },
                  span: span(30, 37),
                },
              ],
            },
          ],
        },
      },
    ],
  });
});

test("a task, whole", () => {
  const text = 'task a: b(1)[c] { "d": (e * 2) }';
  expect(parse(text, "t").declarations).toEqual([
    {
      kind: "task",
      keyword: span(0, 4),
      span: span(0, 32),
      name: name("a", 5),
      type: {
        name: name("b", 8),
        arguments: [{ value: { kind: "number", value: 1, text: "1", span: span(10, 11) }, span: span(10, 11) }],
        axes: [{ kind: "reference", name: name("c", 13), span: span(13, 14) }],
        span: span(8, 15),
      },
      settings: {
        kind: "settings",
        span: span(16, 32),
        entries: [
          {
            key: name("d", 18, true),
            span: span(18, 30),
            value: {
              kind: "group",
              span: span(23, 30),
              inner: {
                kind: "binary",
                operator: "*",
                operatorSpan: span(26, 27),
                left: { kind: "reference", name: name("e", 24), span: span(24, 25) },
                right: { kind: "number", value: 2, text: "2", span: span(28, 29) },
                span: span(24, 29),
              },
            },
          },
        ],
      },
    },
  ]);
});

test("a block, whole", () => {
  const text = "block f(x, k: int = 1) { y = x return [] }";
  const parsed = parse(text, "t").declarations;
  expect(parsed).toEqual([
    {
      kind: "block",
      keyword: span(0, 5),
      span: span(0, 42),
      name: name("f", 6),
      parameters: [
        { name: name("x", 8), span: span(8, 9) },
        {
          name: name("k", 11),
          type: { name: name("int", 14), arguments: [], span: span(14, 17) },
          fallback: { kind: "number", value: 1, text: "1", span: span(20, 21) },
          span: span(11, 21),
        },
      ],
      statements: [
        {
          name: name("y", 25),
          value: { kind: "reference", name: name("x", 29), span: span(29, 30) },
          span: span(25, 30),
        },
      ],
      result: { kind: "list", items: [], span: span(38, 40) },
    },
  ]);
  expect(Object.keys(parsed[0])).not.toContain("doc");
});

test("imports and sections, whole", () => {
  expect(parse('import { a } from "b" train c {}', "t").declarations).toEqual([
    {
      kind: "import",
      keyword: span(0, 6),
      span: span(0, 21),
      names: [name("a", 9)],
      from: { value: "b", span: span(18, 21) },
    },
    {
      kind: "train",
      keyword: span(22, 27),
      span: span(22, 32),
      name: name("c", 28),
      settings: { kind: "settings", entries: [], span: span(30, 32) },
    },
  ]);
});
