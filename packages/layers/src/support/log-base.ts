import type { CaffeError } from '@jacinto/proto';

/** ln(base) of Exp and Log, where −1 stands for e. @throws CaffeError on a base that is not positive. */
export function naturalLogOfBase(
  base: number,
  fail: (field: string, problem: string, fix?: string) => CaffeError,
): number {
  if (base === -1) return 1;
  if (!(base > 0)) throw fail('base', `is ${base}`, 'use a positive number, or -1 for e');
  return Math.log(base);
}
