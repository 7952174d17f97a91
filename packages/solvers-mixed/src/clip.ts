/** The factor on all gradients that brings their common L2 norm down to `limit`; 1 where it is not above (or limit < 0). */
export function clipFactor(norm: number, limit: number): number {
  return limit >= 0 && norm > limit ? limit / norm : 1;
}
