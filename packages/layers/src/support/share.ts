import type { Tensor } from '@jacinto/core-tensor';

/**
 * Makes `top` another view of `bottom`: one memory for data and one for diff. The shapes may differ, the counts not.
 * Called in forward too: what feeds `bottom` may have given it other memory since `reshape` (a prefetched batch).
 */
export function shareBlob(top: Tensor, bottom: Tensor): void {
  top.shareData(bottom);
  top.shareDiff(bottom);
}

/** Whether a layer works in place: top and bottom are one memory. */
export function isInPlace(bottom: Tensor, top: Tensor): boolean {
  return bottom.data === top.data;
}
