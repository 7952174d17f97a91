import type { Values } from '../values.ts';
import type { BatchNormSpec, RunningUpdate } from './batch-norm.ts';

/** N,C,H,W with channels in blocks: group, N, block of C/groups, H, W, channel in the block. */
export interface ChannelBlocks {
  block: 8 | 16;
  /** Groups of channels that lie one behind the other, each for all images; 1 where there is one. */
  groups: number;
}

/**
 * Batch norm, with `BatchNormOperation`'s meaning, of arrays in the heap of the CPU backend whose channels lie in blocks,
 * each array in its own. Arrays are placed first, and stay placed; what a pass needs not may be left as it is. Statistics,
 * scale, bias and their gradients are host values of C.
 */
export interface BatchNormOfBlocks {
  /** `address`: offset in the heap; 0 for none (dx). Channels that fill up blocks must be 0 and are 0 in results. */
  place(array: 'x' | 'y' | 'dy' | 'dx', address: number, blocks: ChannelBlocks): void;
  forwardTraining(
    v: {
      scale?: Values | undefined;
      bias?: Values | undefined;
      mean: Values;
      invStd: Values;
      runningMean?: Values | undefined;
      runningVariance?: Values | undefined;
    },
    running?: RunningUpdate,
  ): void;
  backwardTraining(
    v: {
      scale?: Values | undefined;
      mean: Values;
      invStd: Values;
      dScale?: Values | undefined;
      dBias?: Values | undefined;
    },
    options: { accumulate: boolean },
  ): void;
  forwardGlobal(
    v: { scale?: Values | undefined; bias?: Values | undefined; mean: Values; variance: Values },
    options?: { statisticsFactor?: number },
  ): void;
  backwardGlobal(v: { scale?: Values | undefined; variance: Values }, options?: { statisticsFactor?: number }): void;
}

/** What the CPU backend does right in layouts of other libraries, for backends that are built over it. */
export interface OperationsOfBlocks {
  /** Shapes N,C,H,W. Where an array has blocks of 8, the number of blocks must be even: `suits` says whether it can. */
  batchNorm(spec: BatchNormSpec): BatchNormOfBlocks;
}

/** Whether channels in these blocks make whole units of 16. */
export function suitsUnits(channels: number, { block, groups }: ChannelBlocks): boolean {
  const each = channels / groups;
  return groups === 1 ? block === 16 || Math.ceil(each / 8) % 2 === 0 : each % 16 === 0;
}
