import type { Int8Operations } from '../operations/index.ts';
import type { Engine } from './engine.ts';
import { grainOf } from './grain.ts';
import { placed } from './int8-images.ts';
import { rounderOf } from './int8-rounding.ts';

const methods = { add: 0, multiply: 1, maximum: 2 } as const;
const slots = [
  ...(['a', 'b', 'y', 'requantization', 'method', 'channels', 'rows', 'columns', 'aImage', 'aRow'] as const),
  ...(['aColumn', 'bImage', 'bRow', 'bColumn', 'yImage', 'yRow', 'yColumn'] as const),
] as const;

/** Sums, products, maxima and plain requantizing of images (assembly/int8-combine.ts). */
export function int8Combine(engine: Engine): Int8Operations['combine'] {
  return ({ method, shape, ranges, from = 0, to = 0, rounding }, inputs, result) => {
    const [n = 1, channels = 1, rows = 1, columns = 1] = shape;
    const [a, b] = inputs.map(placed);
    const y = placed(result);
    const [first = 0, second = 0] = ranges.map(({ low, high }) => Math.max(Math.abs(low), Math.abs(high)));
    const bound = method === 'multiply' ? { sum: first * second, other: 0 } : { sum: first, other: second };
    const bounds = rounding.channels.map(() => bound);
    const places = bounds.map((_, c) => c);
    const rounderPlaces = { places, width: channels };
    engine.reserveWorkspace({ perThread: 16 * (channels + 16) });
    const job = engine.job('int8Combine', slots, n * rows, grainOf(columns * channels));
    Object.assign(job.address, {
      ...{ a: a!.address + 2 * from, aImage: a!.image, aRow: a!.row, aColumn: a!.column },
      ...{ b: b?.address ?? 0, bImage: b?.image ?? 0, bRow: b?.row ?? 0, bColumn: b?.column ?? 0 },
      ...{ y: y.address + 2 * to, yImage: y.image, yRow: y.row, yColumn: y.column },
      ...{ method: methods[method], channels, rows, columns },
    });
    const rounder = rounderOf(engine, [job], bounds, rounderPlaces);
    if (!rounder.round(rounding)) return undefined;
    return { run: () => job.run(), round: (next) => rounder.round(next) };
  };
}
