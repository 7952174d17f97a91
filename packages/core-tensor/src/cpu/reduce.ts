import type { Operations } from '../backend.ts';
import { type Engine, elementGrain } from './engine.ts';
import { grainOf } from './grain.ts';

const slots = ['x', 'y', 'axis', 'inner', 'chunks', 'chunk', 'alpha', 'accumulate', 'method'] as const;
const methods = { sum: 0, asum: 1, sumsq: 2 };

export function reduceOn(engine: Engine): Operations['reduce'] {
  return ({ method, outer, axis, inner }) => {
    const columns = inner !== 1;
    const chunks = columns ? Math.ceil(inner / 16) : Math.ceil(axis / elementGrain);
    const long = !columns && chunks > 1;
    const jobs = columns
      ? [engine.job('reduceColumns', slots, outer * chunks, grainOf(16 * axis))]
      : long
        ? [
            engine.job('reduceChunks', slots, outer * chunks, 1),
            engine.job('reducePartials', slots, outer, grainOf(chunks)),
          ]
        : [engine.job('reduceRows', slots, outer, grainOf(axis))];
    if (long) engine.reserveWorkspace({ shared: 8 * outer * chunks });
    for (const job of jobs) {
      job.i32.axis = axis;
      job.i32.inner = inner;
      job.i32.chunks = chunks;
      job.i32.chunk = elementGrain;
      job.i32.method = methods[method];
    }
    return {
      run(x, y, options) {
        for (let k = 0; k < jobs.length; k++) {
          const job = jobs[k]!;
          job.address.x = x.address;
          job.address.y = y.address;
          job.f32.alpha = options?.alpha ?? 1;
          job.i32.accumulate = options?.accumulate === true ? 1 : 0;
          job.run();
        }
      },
    };
  };
}
