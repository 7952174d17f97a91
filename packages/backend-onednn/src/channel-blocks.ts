import { type ChannelBlocks, suitsUnits } from '@jacinto/core-tensor';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';

/** N,C,H,W with channels in blocks of 16, one group: what every operation can work in. */
export function usualLayout({ api, layouts }: Context, shape: readonly number[]): Layout {
  return layouts.of(api.blockedDesc(shape, 16));
}

/** The size of the blocks where N,C,… has its channels in blocks, of each group alike; undefined for all other layouts. */
export function blockOf({ api, layouts }: Context, layout: Layout): 8 | 16 | undefined {
  const { groups, shape } = layout;
  if (layout.plain || shape.length < 3 || shape.length > 5) return undefined;
  const ofGroup = [shape[0]!, shape[1]! / groups, ...shape.slice(2)];
  return ([16, 8] as const).find((block) => {
    const each = layouts.of(api.blockedDesc(ofGroup, block));
    return layout === (groups === 1 ? each : layouts.stacked(each, groups, shape));
  });
}

/** How the channels of N,C,H,W lie in that layout; undefined where the CPU backend's kernels of blocks can't go on. */
export function channelBlocks(context: Context, layout: Layout): ChannelBlocks | undefined {
  const { groups, shape } = layout;
  const block = shape.length === 4 ? blockOf(context, layout) : undefined;
  if (block === undefined) return undefined;
  const blocks = { block, groups };
  return suitsUnits(shape[1]!, blocks) ? blocks : undefined;
}
