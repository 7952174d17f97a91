import type { ChannelRounding, CodeRounding, Multipliers } from '../operations/index.ts';
import type { Engine, Job, Table } from './engine.ts';

/** Largest magnitudes that the sums of a channel can have. */
export interface SumBounds {
  sum: number;
  other: number;
}

/** Where each channel has its multipliers, and how many places there are. */
export interface RoundingPlaces {
  places: readonly number[];
  width: number;
}

/** Gives jobs their multipliers, and others when asked. */
export interface Rounder {
  /** False where exactness cannot be promised. */
  round(rounding: CodeRounding): boolean;
}

/** Multipliers for jobs whose word `requantization` is to point to them. */
export function rounderOf(
  engine: Engine,
  jobs: readonly Job<'requantization'>[],
  bounds: readonly SumBounds[],
  places: RoundingPlaces,
): Rounder & { tables: readonly Table[] } {
  return {
    tables: [],
    round(rounding) {
      const prepared = int8Rounding(engine, rounding, bounds, places);
      if (prepared === undefined) return false;
      this.tables = prepared.tables; // they live as long as this holds them
      for (const job of jobs) job.address.requantization = prepared.address;
      return true;
    },
  };
}

/** Words of a channel: three above zero, three below, zero; of whole numbers also the shift. */
const words = 8;
const factorOf = ({ factors }: Multipliers, t: number): number => factors[t] ?? 0;

/**
 * Multipliers as the kernels want them (assembly/int8-requantize.ts), or undefined where exactness cannot be promised.
 * `places[c]` is where channel c has its multipliers among `width`.
 */
function int8Rounding(
  engine: Engine,
  rounding: CodeRounding,
  bounds: readonly SumBounds[],
  { places, width }: RoundingPlaces,
): { address: number; tables: readonly Table[] } | undefined {
  const { channels, ties } = rounding;
  const bends = channels.some(({ below }) => below !== undefined);
  const clips = bends && channels.every(clipsAtZero);
  const bent = bends && !clips;
  const low = clips ? Math.max(rounding.low, 0) : rounding.low;
  const { high } = rounding;
  const exact = channels.every((channel, c) => fitsWholeNumbers(channel, bounds[c]!));
  if (!exact || low < -32768 || high > 32767 || low > high) return undefined;
  const reach = 2 * Math.max(Math.abs(low), Math.abs(high)) + 2;
  const inDoubles = ties === 'even' && channels.every((channel, c) => fitsDoubles(channel, bounds[c]!, reach, bent));
  // loads go on to whole vectors
  const padded = width + 8;
  const doubles = new Float64Array(inDoubles ? padded * words : 0);
  const wholes = new BigInt64Array(inDoubles ? 0 : padded * words);
  channels.forEach((channel, c) => {
    const { shift, above, below = above, zero } = channel;
    const unit = inDoubles ? 2 ** -shift : shift === 0 ? 2 : 1; // half a whole unit must be whole
    const list = [above, below].flatMap((m) => [factorOf(m, 0), factorOf(m, 1), m.add]);
    list.push(zero);
    for (let i = 0; i < list.length; i++) {
      const at = i * padded + places[c]!;
      if (inDoubles) doubles[at] = list[i]! * unit;
      else wholes[at] = BigInt(list[i]! * unit);
    }
    if (!inDoubles) wholes[7 * padded + places[c]!] = BigInt(shift + unit - 1);
  });
  const table = engine.table(new Int32Array((inDoubles ? doubles : wholes).buffer));
  const own = engine.table([
    ...[table.address, table.address, padded, inDoubles ? 1 : 0, bent ? 1 : 0, ties === 'even' ? 1 : 0, low, high],
  ]);
  return { address: own.address, tables: [own, table] };
}

/** A ReLU that sends all below zero to code 0, where zero itself is. */
const clipsAtZero = ({ below, zero }: ChannelRounding): boolean =>
  below !== undefined && zero === 0 && below.add === 0 && below.factors.every((factor) => factor === 0);

const sidesOf = ({ above, below }: ChannelRounding): Multipliers[] => (below === undefined ? [above] : [above, below]);

function largest(m: Multipliers, { sum, other }: SumBounds): number {
  return Math.abs(factorOf(m, 0)) * sum + Math.abs(factorOf(m, 1)) * other + Math.abs(m.add);
}

const isWhole = (m: Multipliers): boolean => [...m.factors, m.add].every(Number.isSafeInteger);

/** Sums within 32 bits, totals within 62 (rounding adds to them). */
function fitsWholeNumbers(channel: ChannelRounding, bounds: SumBounds): boolean {
  if (!(bounds.sum < 2 ** 31 && bounds.other < 2 ** 31) || !(channel.shift >= 0 && channel.shift <= 60)) return false;
  if (!Number.isSafeInteger(channel.zero)) return false;
  return sidesOf(channel).every((m) => isWhole(m) && largest(m, bounds) < 2 ** 61);
}

/**
 * Whether doubles give the exact code: before it is clipped it has 32 bits; all totals are whole numbers below 2^53, or, where a sum can make them larger,
 * every such total is far outside the codes, so that it is clipped however it was rounded.
 */
function fitsDoubles(channel: ChannelRounding, bounds: SumBounds, reach: number, bent: boolean): boolean {
  const sides = bent ? sidesOf(channel) : [channel.above];
  return sides.every((m) => {
    const unit = 2 ** channel.shift;
    const most = largest(m, bounds);
    if (most / unit > 2 ** 30) return false;
    if (most < 2 ** 52) return true;
    const rest = Math.abs(factorOf(m, 1)) * bounds.other + Math.abs(m.add);
    return (2 ** 52 - 4 * rest) / unit > 2 * Math.max(reach, Math.abs(channel.zero) / unit);
  });
}
