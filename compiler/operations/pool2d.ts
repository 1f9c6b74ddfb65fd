import { numbersOf, type Attributes } from "../graph/attributes.ts";
import type { Pool2dAttributes } from "../graph/builder.ts";
import { elementCount } from "../graph/graph.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import { pairOf, paddingOf, windowCount } from "./conv2d.ts";
import { expect, expectElement, operation } from "./operation.ts";

/**
 * Pooling over windows of x [batch, height, width, channels]. Padding is narrower than the window, so that every window has a
 * real element. Which element is largest is a constant for gradients.
 */

export function pool2dAttributes(attributes: Attributes): Pool2dAttributes {
  return {
    window: pairOf(attributes, "window"),
    strides: pairOf(attributes, "strides"),
    padding: paddingOf(attributes),
  };
}

function resultShape(name: string, x: readonly number[], { window, strides, padding }: Pool2dAttributes): number[] {
  expect(name, x.length === 4, () => `x ${showShape(x)} has not four axes`);
  expect(
    name,
    [...window, ...strides].every((n) => n >= 1) && padding.every((n, k) => n >= 0 && n < window[k < 2 ? 0 : 1]),
    () => `window ${showShape(window)}, strides ${showShape(strides)}, padding ${showShape(padding)}`,
  );
  const rows = windowCount(x[1], window[0], strides[0], 1, padding[0] + padding[1]);
  const columns = windowCount(x[2], window[1], strides[1], 1, padding[2] + padding[3]);
  expect(name, rows >= 1 && columns >= 1, () => `window ${showShape(window)} larger than ${showShape(x)}`);
  return [x[0], rows, columns, x[3]];
}

function expectWindows(name: string, dy: readonly number[], x: readonly number[], attributes: Pool2dAttributes): void {
  const expected = resultShape(name, x, attributes);
  expect(name, sameShape(dy, expected), () => `dy ${showShape(dy)}, expected ${showShape(expected)}`);
}

/** Calls `visit` with each window's place in the result and the places of its real elements, in row-major order. */
function forEachWindow(
  x: readonly number[],
  attributes: Pool2dAttributes,
  visit: (window: number, elements: readonly number[]) => void,
): void {
  const { window, strides, padding } = attributes;
  const [batch, rows, columns, channels] = resultShape("pool2d", x, attributes);
  const [, height, width] = x;
  let at = 0;
  for (let example = 0; example < batch; example++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let channel = 0; channel < channels; channel++) {
          const elements: number[] = [];
          for (let i = 0; i < window[0]; i++)
            for (let j = 0; j < window[1]; j++) {
              const atRow = row * strides[0] + i - padding[0];
              const atColumn = column * strides[1] + j - padding[2];
              if (atRow >= 0 && atRow < height && atColumn >= 0 && atColumn < width)
                elements.push(((example * height + atRow) * width + atColumn) * channels + channel);
            }
          visit(at++, elements);
        }
}

function firstLargest(values: Float64Array, elements: readonly number[]): number {
  return elements.reduce((best, element) => (values[element] > values[best] ? element : best));
}

export const maxPool2d = operation({
  name: "maxPool2d",
  doc: "Largest element of each window; padding never wins. `window`, `strides`, `padding`.",
  type: ([x], attributes) => {
    expectElement("maxPool2d", x, "f32");
    return { element: "f32", shape: resultShape("maxPool2d", x.shape, pool2dAttributes(attributes)) };
  },
  gradient: (g, node, dy) => [g.maxPool2dGradient(node.inputs[0], dy, pool2dAttributes(node.attributes))],
  reference: ([x], given) => {
    const attributes = pool2dAttributes(given);
    const shape = resultShape("maxPool2d", x.shape, attributes);
    const values = new Float64Array(elementCount(shape));
    forEachWindow(x.shape, attributes, (window, elements) => {
      values[window] = x.values[firstLargest(x.values, elements)];
    });
    return { values, shape };
  },
});

export const maxPool2dGradient = operation({
  name: "maxPool2dGradient",
  doc: "Zeros of the shape of x, with each window's dy added at its first largest element of x.",
  type: ([x, dy], attributes) => {
    for (const type of [x, dy]) expectElement("maxPool2dGradient", type, "f32");
    expectWindows("maxPool2dGradient", dy.shape, x.shape, pool2dAttributes(attributes));
    return x;
  },
  gradient: (g, node, ddx) => [null, g.maxPool2dPick(node.inputs[0], ddx, pool2dAttributes(node.attributes))],
  reference: ([x, dy], given) => {
    const values = new Float64Array(x.values.length);
    forEachWindow(x.shape, pool2dAttributes(given), (window, elements) => {
      values[firstLargest(x.values, elements)] += dy.values[window];
    });
    return { values, shape: x.shape };
  },
});

export const maxPool2dPick = operation({
  name: "maxPool2dPick",
  doc: "The element of `values` (shape of x) at each window's first largest element of x: the transpose of maxPool2dGradient.",
  type: ([x, values], attributes) => {
    for (const type of [x, values]) expectElement("maxPool2dPick", type, "f32");
    expect(
      "maxPool2dPick",
      sameShape(x.shape, values.shape),
      () => `x ${showShape(x.shape)}, values ${showShape(values.shape)}`,
    );
    return { element: "f32", shape: resultShape("maxPool2dPick", x.shape, pool2dAttributes(attributes)) };
  },
  gradient: (g, node, dy) => [null, g.maxPool2dGradient(node.inputs[0], dy, pool2dAttributes(node.attributes))],
  reference: ([x, source], given) => {
    const attributes = pool2dAttributes(given);
    const shape = resultShape("maxPool2dPick", x.shape, attributes);
    const values = new Float64Array(elementCount(shape));
    forEachWindow(x.shape, attributes, (window, elements) => {
      values[window] = source.values[firstLargest(x.values, elements)];
    });
    return { values, shape };
  },
});

export const sumPool2d = operation({
  name: "sumPool2d",
  doc: "Sum over each window, padding counts as 0. `window`, `strides`, `padding`.",
  type: ([x], attributes) => {
    expectElement("sumPool2d", x, "f32");
    return { element: "f32", shape: resultShape("sumPool2d", x.shape, pool2dAttributes(attributes)) };
  },
  gradient: (g, node, dy) => [g.sumPool2dGradient(dy, node.inputs[0].type.shape, pool2dAttributes(node.attributes))],
  reference: ([x], given) => {
    const attributes = pool2dAttributes(given);
    const shape = resultShape("sumPool2d", x.shape, attributes);
    const values = new Float64Array(elementCount(shape));
    forEachWindow(x.shape, attributes, (window, elements) => {
      for (const element of elements) values[window] += x.values[element];
    });
    return { values, shape };
  },
});

export const sumPool2dGradient = operation({
  name: "sumPool2dGradient",
  doc: "Gradient of sumPool2d for its input of shape `inputShape`: each window's dy added to its elements.",
  type: ([dy], attributes) => {
    expectElement("sumPool2dGradient", dy, "f32");
    const shape = numbersOf(attributes, "inputShape");
    expectWindows("sumPool2dGradient", dy.shape, shape, pool2dAttributes(attributes));
    return { element: "f32", shape };
  },
  gradient: (g, node, ddx) => [g.sumPool2d(ddx, pool2dAttributes(node.attributes))],
  reference: ([dy], given) => {
    const shape = numbersOf(given, "inputShape");
    const values = new Float64Array(elementCount(shape));
    forEachWindow(shape, pool2dAttributes(given), (window, elements) => {
      for (const element of elements) values[element] += dy.values[window];
    });
    return { values, shape };
  },
});
