import { grouped } from "../../compiler/prose/numbers.ts";

/** Numbers for people. */

/** Three decimals for what lies near 1, three significant digits elsewhere; `–` for what is undefined. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 5e-4)) return value.toExponential(2);
  if (size >= 100) return grouped(value);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(3);
}

/** `21 s`, `3 min 20 s`, `2 h 5 min` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1,933 steps/s`, `2.1 s a step` */
export function pace(stepsPerSecond: number): string {
  if (stepsPerSecond >= 10) return `${grouped(stepsPerSecond)} steps/s`;
  if (stepsPerSecond >= 1) return `${stepsPerSecond.toFixed(1)} steps/s`;
  const seconds = 1 / stepsPerSecond;
  return seconds < 60 ? `${seconds.toFixed(1)} s a step` : `${duration(seconds)} a step`;
}

/** The weight that is finally applied to a loss: `(×0.5)` */
export function weighed(weight: number): string {
  return `(×${Math.abs(weight) >= 0.05 && Math.abs(weight) < 1000 ? weight.toFixed(1) : weight.toPrecision(2)})`;
}

/** `1 task`, `3 tasks` */
export function counted(n: number, noun: string): string {
  return `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;
}
