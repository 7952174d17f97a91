import type { Int8Operations } from '../operations/index.ts';
import type { Engine } from './engine.ts';
import { grainOf } from './grain.ts';
import { placed } from './int8-images.ts';
import { rounderOf } from './int8-rounding.ts';

const slots = [
  ...(['x', 'y', 'requantization', 'windows', 'weights', 'channels', 'rows', 'columns', 'xImage', 'xRow'] as const),
  ...(['xColumn', 'yImage', 'yRow', 'yColumn'] as const),
] as const;

/** Maxima and averages of windows (assembly/int8-pooling.ts). */
export function int8Pooling(engine: Engine): Int8Operations['pooling'] {
  return ({ range, rows, columns, weights, rounding }, source, result) => {
    const [x, y] = [placed(source), placed(result)];
    const [n, channels] = x.shape;
    const size = Math.max(Math.abs(range.low), Math.abs(range.high));
    const [most, widest] = [rows, columns].map((list) => Math.max(...list.map(([begin, end]) => end - begin)));
    const times = weights === undefined ? 1 : most! * widest! * Array.from(weights).reduce((a, b) => Math.max(a, b), 0);
    // an empty window's maximum is no code
    const empty = [...rows, ...columns].some(([begin, end]) => end <= begin);
    const bounds = rounding.channels.map(() => ({ sum: size * times, other: 0 }));
    const places = bounds.map((_, c) => c);
    const rounderPlaces = { places, width: channels };
    if (empty) return undefined;
    engine.reserveWorkspace({ perThread: 4 * (channels + 16) });
    const windows = engine.table([...rows, ...columns].flat());
    const table = weights === undefined ? undefined : engine.table(Int32Array.from(weights));
    const job = engine.job('int8Pooling', slots, n * rows.length, grainOf(columns.length * channels * most! * widest!));
    Object.assign(job.address, {
      ...{ x: x.address, xImage: x.image, xRow: x.row, xColumn: x.column },
      ...{ y: y.address, yImage: y.image, yRow: y.row, yColumn: y.column },
      ...{ windows: windows.address, weights: table?.address ?? 0, channels },
      ...{ rows: rows.length, columns: columns.length },
    });
    const rounder = rounderOf(engine, [job], bounds, rounderPlaces);
    if (!rounder.round(rounding)) return undefined;
    return { run: () => job.run(), round: (next) => rounder.round(next), ...{ windows, table } };
  };
}
