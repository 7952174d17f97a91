import type { Operations } from '../backend.ts';
import { type Engine, elementGrain } from './engine.ts';

export function fillOn(engine: Engine): Operations['fill'] {
  return ({ count }) => {
    const job = engine.job('fill', ['y', 'value'], count, elementGrain);
    return {
      run(value, y) {
        job.address.y = y.address;
        job.f32.value = value;
        job.run();
      },
    };
  };
}
