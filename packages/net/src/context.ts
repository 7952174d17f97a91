import { RandomStream } from '@jacinto/core-tensor';
import type { LayerParameter } from '@jacinto/proto';
import type { NetEvent } from './events.ts';
import type { LayerContext } from './layer.ts';
import type { NetOptions } from './net-options.ts';

/** What a net and its layers have in common and may change while it runs. */
export interface NetState {
  seed: number;
  forwardCount: number;
}

/** What one layer is told of its net. */
export function layerContext(
  options: NetOptions,
  state: NetState,
  layer: LayerParameter,
  index: number,
  forceBackward: boolean,
): LayerContext {
  const emit = options.onEvent ?? ((_: NetEvent) => {});
  return {
    backend: options.backend,
    phase: layer.phase!,
    index,
    get seed() {
      return state.seed;
    },
    random: new RandomStream(state.seed, index),
    forceBackward,
    compat: options.compat,
    iteration: options.iteration ?? (() => 0),
    forwardCount: () => state.forwardCount,
    gradientScale: options.gradientScale ?? (() => 1),
    resolvePath: (path) => resolvePath(path, options.baseFolder),
    warn: (message) => emit({ type: 'warning', layer: layer.name ?? '', message }),
  };
}

/** `path` seen from `folder`; absolute paths (POSIX or Windows) and URLs stay as they are. */
export function resolvePath(path: string, folder: string | undefined): string {
  const isAbsolute = /^(?:[/\\]|[a-z][a-z0-9+.-]*:)/i.test(path);
  if (isAbsolute || path === '' || folder === undefined || folder === '') return path;
  return `${folder.replace(/[/\\]+$/, '')}/${path.replace(/^(?:\.\/)+/, '')}`;
}
