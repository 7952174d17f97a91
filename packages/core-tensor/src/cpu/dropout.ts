import type { Operations } from '../backend.ts';
import { dropoutThreshold, words } from '../random.ts';
import { type Engine, elementGrain } from './engine.ts';

const slots = ['x', 'y', 'mask', 'seedLow', 'seedHigh', 'stream', 'drawLow', 'drawHigh', 'threshold', 'kept'] as const;

export function dropoutOn(engine: Engine): Operations['dropout'] {
  return ({ count, ratio, seed, stream }) => {
    const draws = engine.job('dropout', slots, count, elementGrain); // a multiple of 16, as the kernel's step is
    [draws.address.seedLow, draws.address.seedHigh] = words(seed);
    draws.address.stream = stream;
    draws.address.threshold = dropoutThreshold(ratio);
    draws.f32.kept = 1 / (1 - ratio);
    const product = engine.job('dropoutBackward', ['a', 'b', 'y'], count, elementGrain);
    return {
      forward(x, y, mask, draw) {
        draws.address.x = x.address;
        draws.address.y = y.address;
        draws.address.mask = mask.address;
        draws.address.drawLow = draw >>> 0;
        draws.address.drawHigh = Math.floor(draw / 4294967296);
        draws.run();
      },
      backward(dy, mask, dx) {
        product.address.a = dy.address;
        product.address.b = mask.address;
        product.address.y = dx.address;
        product.run();
      },
    };
  };
}
