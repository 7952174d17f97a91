import type { Operations } from '../backend.ts';
import { type Engine, elementGrain } from './engine.ts';

export function axpbyOn(engine: Engine): Operations['axpby'] {
  return ({ count }) => {
    const job = engine.job('axpby', ['x', 'y', 'alpha', 'beta'], count, elementGrain);
    return {
      run(alpha, x, beta, y) {
        job.address.x = x.address;
        job.address.y = y.address;
        job.f32.alpha = alpha;
        job.f32.beta = beta;
        job.run();
      },
    };
  };
}
