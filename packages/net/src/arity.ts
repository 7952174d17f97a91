import { CaffeError } from '@jacinto/proto/errors';
import type { Arity, Layer } from './layer.ts';
import { plural } from './plural.ts';

/** How many tops a layer gets: those named, and for `autoTopBlobs` as many more as it needs at least. */
export function topCount(layer: Layer, named: number): number {
  if (!layer.autoTopBlobs()) return named;
  const { exact, min } = layer.topArity();
  return Math.max(named, exact ?? 0, min ?? 0);
}

/** @throws CaffeError where the layer does not take so many bottoms or tops (Caffe: Layer::CheckBlobCounts). */
export function checkArity(layer: Layer, bottoms: number, tops: number): void {
  check('bottom', layer.bottomArity(), bottoms);
  check('top', layer.topArity(), tops);
}

function check(kind: 'bottom' | 'top', { exact, min, max }: Arity, count: number): void {
  const least = exact ?? min ?? 0;
  const most = exact ?? max ?? Number.POSITIVE_INFINITY;
  if (count >= least && count <= most) return;
  const range =
    least === most
      ? plural(least, kind)
      : most === Number.POSITIVE_INFINITY
        ? `at least ${plural(least, kind)}`
        : `${least} to ${plural(most, kind)}`;
  const fix = count < least ? `give ${least - count} more` : `leave ${count - most} out`;
  throw new CaffeError({ code: 'bad-value', problem: `has ${plural(count, kind)}, takes ${range}`, fix });
}
