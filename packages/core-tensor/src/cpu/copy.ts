import type { Operations } from '../backend.ts';
import { type Engine, elementGrain } from './engine.ts';
import { grainOf } from './grain.ts';

const slots = ['x', 'y', 'length', 'xStride', 'yStride', 'pieces', 'piece', 'accumulate'] as const;

export function copyOn(engine: Engine): Operations['copy'] {
  return ({ outer, length, xStride, yStride }) => {
    const pieces = Math.max(1, Math.ceil(length / elementGrain));
    const piece = Math.min(length, elementGrain);
    const items = length === 0 ? 0 : outer * pieces;
    // Runs that overlap in y (sums over tiles) go one after the other, in order.
    const grain = outer > 1 && yStride < length ? items : grainOf(piece);
    const job = engine.job('copy', slots, items, grain);
    job.i32.length = length;
    job.i32.xStride = xStride;
    job.i32.yStride = yStride;
    job.i32.pieces = pieces;
    job.i32.piece = piece;
    return {
      run(x, y, options) {
        job.address.x = x.address + 4 * (options?.xOffset ?? 0);
        job.address.y = y.address + 4 * (options?.yOffset ?? 0);
        job.i32.accumulate = options?.accumulate === true ? 1 : 0;
        job.run();
      },
    };
  };
}
