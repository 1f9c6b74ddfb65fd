/**
 * [length, width], row-major: at position p, sin(p / 10000^(2k/width)) in channel 2k and cos of the same in channel 2k + 1
 * (1706.03762).
 */
export function waves(length: number, width: number): Float64Array {
  return Float64Array.from({ length: length * width }, (_, at) => {
    const channel = at % width;
    const angle = Math.floor(at / width) / 10_000 ** ((channel - (channel % 2)) / width);
    return channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
