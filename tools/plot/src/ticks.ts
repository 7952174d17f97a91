/**
 * Round numbers (1, 2 or 5 times a power of ten apart) that cover low to high, about `count` of them.
 * The first is ≤ low, the last ≥ high; equal or non-finite ends give a range of one around them.
 */
export function niceTicks(low: number, high: number, count = 5): number[] {
  let from = Number.isFinite(low) ? low : 0;
  let to = Number.isFinite(high) ? high : from + 1;
  if (from > to) [from, to] = [to, from];
  if (from === to) [from, to] = [from - 0.5, to + 0.5];
  const rough = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999)!;
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A tick's label, as short as it can be: 20000 is "20k", 0.30000000000000004 is "0.3". */
export function tickText(value: number): string {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(6))}M`;
  if (Math.abs(value) >= 1e4) return `${Number((value / 1e3).toPrecision(6))}k`;
  return String(Number(value.toPrecision(6)));
}
