import type { Tfjs } from "./arguments.ts";

/**
 * WebGPU tells of a computation that it refused beside the result, which holds anything then: what the device says is kept, and
 * the function that is returned throws the first of it.
 */
export function watchWebgpu(tf: Tfjs): () => void {
  const backend: unknown = tf.backend();
  let refused: string | null = null;
  if (
    typeof backend !== "object" ||
    backend === null ||
    !("device" in backend) ||
    !(backend.device instanceof EventTarget)
  )
    throw new Error("the backend of WebGPU has no device to listen to");
  backend.device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    const error: unknown = Reflect.get(event, "error");
    refused ??= error instanceof Object && "message" in error ? String(error.message) : "no reason is given";
  });
  return () => {
    if (refused !== null) throw new Error(`WebGPU refused a computation: ${refused}`);
  };
}
