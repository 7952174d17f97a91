import type { Operations } from '../backend.ts';
import type { Engine } from './engine.ts';
import { grainOf } from './grain.ts';

const forwardSlots = ['x', 'y', 'stash', 'scale', 'bias', 'channels', 'inner'] as const;
const gradientSlots = ['x', 'dy', 'dScale', 'dBias', 'outer', 'channels', 'inner', 'accumulate'] as const;

export function scaleBiasOn(engine: Engine): Operations['scaleBias'] {
  return ({ outer, channels, inner }) => {
    const pass =
      inner === 1
        ? engine.job('scaleBiasColumns', forwardSlots, outer, grainOf(channels))
        : engine.job('scaleBiasRows', forwardSlots, outer * channels, grainOf(inner));
    const gradient = engine.job('scaleBiasGradient', gradientSlots, channels, grainOf(outer * inner));
    for (const job of [pass, gradient]) {
      job.i32.channels = channels;
      job.i32.inner = inner;
    }
    gradient.i32.outer = outer;
    return {
      forward({ x, y, scale, bias, stash }) {
        pass.address.x = x.address;
        pass.address.y = y.address;
        pass.address.stash = stash === undefined ? 0 : stash.address;
        pass.address.scale = scale === undefined ? 0 : scale.address;
        pass.address.bias = bias === undefined ? 0 : bias.address;
        pass.run();
      },
      backward({ x, dy, scale, dx, dScale, dBias }, { accumulate }) {
        if (dScale !== undefined || dBias !== undefined) {
          gradient.address.x = x === undefined ? 0 : x.address;
          gradient.address.dy = dy.address;
          gradient.address.dScale = dScale === undefined ? 0 : dScale.address;
          gradient.address.dBias = dBias === undefined ? 0 : dBias.address;
          gradient.i32.accumulate = accumulate ? 1 : 0;
          gradient.run();
        }
        if (dx === undefined) return;
        pass.address.x = dy.address;
        pass.address.y = dx.address;
        pass.address.stash = 0;
        pass.address.scale = scale === undefined ? 0 : scale.address;
        pass.address.bias = 0;
        pass.run();
      },
    };
  };
}
