import { BLOCKED } from "../../compiler/emit/onnx/emission.ts";
import { encodeModel } from "../../compiler/emit/onnx/protobuf.ts";

/** Channels of the image that is moved: two of the largest blocks there are. */
const CHANNELS = 32;
const SIZES = [16, 8, 4];

/**
 * How many channels onnxruntime's own image layout keeps side by side on this processor: an image of two pixels whose numbers
 * tell where they came from is moved to that layout. 0 where the runtime has no such layout, or one that is not known here.
 */
export async function blockSize({ InferenceSession, Tensor }: typeof import("onnxruntime-node")): Promise<number> {
  const shape = [1, CHANNELS, 1, 2];
  const bytes = encodeModel({
    producer: "mtlc",
    operationSets: { "": 21, [BLOCKED]: 1 },
    metadata: {},
    graph: {
      name: "blocks",
      nodes: [{ operation: "ReorderInput", domain: BLOCKED, inputs: ["x"], outputs: ["y"], attributes: {} }],
      constants: [],
      inputs: [{ name: "x", element: "f32", shape }],
      outputs: [{ name: "y", element: "f32", shape }],
    },
  });
  try {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const x = Float32Array.from({ length: 2 * CHANNELS }, (_, place) => place);
    const { y } = await session.run({ x: new Tensor("float32", x, shape) });
    await session.release();
    return SIZES.find((size) => y.data instanceof Float32Array && isMoved(y.data, size)) ?? 0;
  } catch {
    // The layout belongs to some builds of the runtime only.
    return 0;
  }
}

/** Whether these are 0, 1, 2 … of [channels, 2], moved to [channels / size, 2, size]. */
function isMoved(found: Float32Array, size: number): boolean {
  return found.every((value, place) => {
    const pixel = Math.floor(place / size) % 2;
    const channel = Math.floor(place / (2 * size)) * size + (place % size);
    return value === 2 * channel + pixel;
  });
}
