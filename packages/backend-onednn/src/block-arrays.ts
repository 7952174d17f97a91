import type { ChannelBlocks, Values } from '@jacinto/core-tensor';
import { channelBlocks, usualLayout } from './channel-blocks.ts';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';
import { onceEach } from './once.ts';
import type { Places } from './places.ts';

/** Arrays of one shape N,C,H,W as arguments of kernels of the CPU backend that work in blocks of channels. */
export interface BlockArrays {
  /** A layout to read the values in; undefined where they are plain. */
  readable(values: Values): Layout | undefined;
  /** The layout to write values in that is best for those who read them. */
  writable(values: Values, otherwise: Layout): Layout;
  blocksOf(layout: Layout): ChannelBlocks;
}

export function blockArrays(context: Context, places: Places): (shape: readonly number[]) => BlockArrays {
  const blocksOf = onceEach((layout: Layout) => channelBlocks(context, layout));
  return (shape) => ({
    readable(values) {
      const layout = places.lastLayoutOf(values, shape);
      if (layout.plain) return undefined;
      return blocksOf(layout) === undefined ? usualLayout(context, shape) : layout;
    },
    writable(values, otherwise) {
      const wish = places.wishOf(values, shape);
      return wish === undefined || blocksOf(wish) === undefined ? otherwise : wish;
    },
    blocksOf: (layout) => blocksOf(layout) as ChannelBlocks,
  });
}
