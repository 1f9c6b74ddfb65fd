/** Calls inside of TensorFlow.js would fill the ten frames that an error shows: with more, it shows the model's own line. */
export function showModelLines(): void {
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 40);
}
