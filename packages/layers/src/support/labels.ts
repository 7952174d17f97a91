import type { CaffeError as Failure } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto';

/** The error for a label that names no class; `ignorable`: whether the layer knows an ignore_label. */
export function labelOutOfRange(label: number, classes: number, more = 0, ignorable = true): Failure {
  const problem = Number.isInteger(label) ? `label ${label} is out of range` : `label ${label} is not a whole number`;
  const others = more > 0 ? ` (and ${more} more of this batch)` : '';
  return new CaffeError({
    code: 'bad-data',
    problem: `${problem}${others}: there are ${classes} classes`,
    fix: classes > 0 ? `use 0 to ${classes - 1}${ignorable ? ', or ignore_label' : ''}` : undefined,
  });
}

/** Whether a label names one of `classes` classes. */
export function isLabel(label: number, classes: number): boolean {
  return Number.isInteger(label) && label >= 0 && label < classes;
}
