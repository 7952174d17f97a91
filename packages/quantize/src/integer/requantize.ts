import type { ChannelRounding, CodeRounding, Multipliers } from '@jacinto/core-tensor';
import { codeLimits } from '../bitwidth.ts';
import type { Rounding } from '../trim.ts';
import { type Accumulated, accumulatedOf, type Codes, channelsOf, countOf, innerOf, type Value } from './value.ts';

/** What codes a value is to get. */
export interface CodeFormat {
  scale: number;
  offset: number;
  bitwidth: number;
  unsigned: boolean;
  rounding: Rounding;
}

/** Multipliers have this many bits, those of constants more. */
const multiplierBits = 30;
const constantBits = 52;
const exact = 2 ** 53;

/** Multipliers, addend and shift of each channel, and the codes' limits: how sums become codes of a format. */
export function roundingOf(
  sums: Accumulated,
  { scale, offset, bitwidth, unsigned, rounding }: CodeFormat,
): CodeRounding {
  const [low, high] = codeLimits(bitwidth, unsigned);
  const channels = Array.from({ length: channelsOf(sums.shape) }, (_, c): ChannelRounding => {
    const slope = sums.slopes?.[c];
    const shift = shiftOf(sums, c, scale);
    return {
      shift,
      above: multipliers(sums, c, { scale, offset, shift, slope: 1 }),
      below: slope === undefined ? undefined : multipliers(sums, c, { scale, offset, shift, slope }),
      zero: Math.round(offset * 2 ** shift),
    };
  });
  return { low, high, ties: rounding === 'gpu' ? 'even' : 'away', channels };
}

/**
 * Rounds sums to codes by whole numbers only: code = (Σ multiplier · sum + addend) >> shift, each multiplier of 30 bits
 * (constants up to 52), rounded as the simulation rounds, then clipped. Products and sums are exact (64 bits on a device).
 */
export function requantize(value: Value, format: CodeFormat): Codes {
  const sums = accumulatedOf(value);
  const { shape } = sums;
  const { scale, offset, rounding } = format;
  const { low, high, channels } = roundingOf(sums, format);
  const inner = innerOf(shape);
  const codes = new Float64Array(countOf(shape));
  for (const [c, { shift, above, below, zero }] of channels.entries()) {
    for (let n = c * inner; n < codes.length; n += channels.length * inner) {
      for (let i = n; i < n + inner; i++) {
        let total = totalOf(sums, above, i);
        if (below !== undefined && total < zero) total = totalOf(sums, below, i);
        codes[i] = Math.max(low, Math.min(high, shifted(total, shift, rounding)));
      }
    }
  }
  return { kind: 'codes', shape, codes, scale, offset };
}

/**
 * The shift that gives the channel's smallest multiplier its 30 bits; larger ones (those of offsets, which are constants
 * of a layer) get more, up to 52.
 */
function shiftOf({ terms }: Accumulated, c: number, scale: number): number {
  const sizes = terms.map(({ factors }) => Math.abs(factors[c]! * scale)).filter((size) => size > 0);
  if (sizes.length === 0) return multiplierBits;
  const bits = (size: number, wanted: number): number => wanted - 1 - Math.floor(Math.log2(size));
  return Math.max(0, Math.min(bits(Math.min(...sizes), multiplierBits), bits(Math.max(...sizes), constantBits)));
}

function multipliers(
  { terms, add }: Accumulated,
  c: number,
  { scale, offset, shift, slope }: { scale: number; offset: number; shift: number; slope: number },
): Multipliers {
  const unit = 2 ** shift;
  return {
    factors: terms.map(({ factors }) => Math.round(factors[c]! * slope * scale * unit)),
    add: Math.round((add[c]! * slope * scale + offset) * unit),
  };
}

/** Σ multiplier · sum + addend, exactly: as a number where all of it stays below 2^53, else as a BigInt. */
function totalOf({ terms }: Accumulated, { factors, add }: Multipliers, i: number): number | bigint {
  let total = add;
  let size = Math.abs(add);
  for (let t = 0; t < terms.length; t++) {
    const product = terms[t]!.sums[i]! * factors[t]!;
    total += product;
    size += Math.abs(product);
  }
  if (size < exact) return total;
  let big = BigInt(add);
  for (let t = 0; t < terms.length; t++) big += BigInt(terms[t]!.sums[i]!) * BigInt(factors[t]!);
  return big;
}

/** total / 2^shift, rounded to the nearest: ties to even ('gpu') or away from zero ('cpu'). */
export function shifted(total: number | bigint, shift: number, rounding: Rounding): number {
  if (typeof total === 'number') return shiftedNumber(total, shift, rounding);
  const unit = 1n << BigInt(shift);
  const below = total >> BigInt(shift);
  const twice = 2n * (total - below * unit);
  if (twice === unit) return Number(tieUp(Number(below), rounding) ? below + 1n : below);
  return Number(twice > unit ? below + 1n : below);
}

function shiftedNumber(total: number, shift: number, rounding: Rounding): number {
  const unit = 2 ** shift;
  const below = Math.floor(total / unit);
  const twice = 2 * (total - below * unit);
  if (twice === unit) return tieUp(below, rounding) ? below + 1 : below;
  return twice > unit ? below + 1 : below;
}

/** Whether a value between `below` and `below + 1` goes up. */
const tieUp = (below: number, rounding: Rounding): boolean => (rounding === 'gpu' ? below % 2 !== 0 : below >= 0);
