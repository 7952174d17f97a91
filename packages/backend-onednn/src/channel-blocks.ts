import { type ChannelBlocks, suitsUnits } from '@jacinto/core-tensor';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';

/** N,C,H,W with channels in blocks of 16, one group: what every operation can work in. */
export function usualLayout({ api, layouts }: Context, shape: readonly number[]): Layout {
  return layouts.of(api.blockedDesc(shape, 16));
}

/** How the channels of N,C,H,W lie in that layout; undefined where the CPU backend's kernels of blocks can't go on. */
export function channelBlocks({ api, layouts }: Context, layout: Layout): ChannelBlocks | undefined {
  const { groups, shape } = layout;
  if (shape.length !== 4 || layout.plain) return undefined;
  const ofGroup = [shape[0]!, shape[1]! / groups, ...shape.slice(2)];
  for (const block of [16, 8] as const) {
    const each = layouts.of(api.blockedDesc(ofGroup, block));
    if (layout !== (groups === 1 ? each : layouts.stacked(each, groups, shape))) continue;
    const blocks = { block, groups };
    return suitsUnits(shape[1]!, blocks) ? blocks : undefined;
  }
  return undefined;
}
