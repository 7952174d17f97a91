import { CaffeError } from '@jacinto/proto/errors';
import type { Backend, TensorSpec } from './backend.ts';
import type { DataType } from './data-type.ts';
import { Values } from './values.ts';

const maxAxes = 32; // as Caffe's kMaxBlobAxes

/** Product of the lengths; 1 for a scalar. */
export function countOf(shape: readonly number[]): number {
  let count = 1;
  for (const length of shape) count *= length;
  return count;
}

/** Caffe's Blob: a shape, data, and their gradient (diff). Axes are usually N,C,H,W; no axes at all is a scalar. */
export class Tensor {
  readonly backend: Backend;
  readonly dataType: DataType;
  private lengths: readonly number[] = [];
  private total = 1;
  private dataValues: Values;
  private diffValues: Values;
  private ownsData = true;
  private ownsDiff = true;

  /** @throws CaffeError 'bad-shape' on a negative or fractional length, or more than 32 axes or 2³¹−1 values. */
  constructor(backend: Backend, shape: readonly number[] = [0], dataType: DataType = 'f32') {
    this.backend = backend;
    this.dataType = dataType;
    this.dataValues = new Values(backend, 1, dataType);
    this.diffValues = new Values(backend, 1, dataType);
    this.reshape(shape);
  }

  get shape(): readonly number[] {
    return this.lengths;
  }

  get count(): number {
    return this.total;
  }

  get axes(): number {
    return this.lengths.length;
  }

  get data(): Values {
    return this.dataValues;
  }

  get diff(): Values {
    return this.diffValues;
  }

  get spec(): TensorSpec {
    return { shape: this.lengths, dataType: this.dataType };
  }

  /** Axis counted from 0; negative ones count from the end. @throws CaffeError 'bad-value' out of range. */
  canonicalAxis(axis: number): number {
    if (!Number.isInteger(axis) || axis < -this.axes || axis >= this.axes) {
      throw new CaffeError({
        code: 'bad-value',
        field: 'axis',
        problem: `is ${axis}, but the shape ${this.shapeString()} has ${this.axes} axes`,
        fix: this.axes === 0 ? 'a scalar has no axis' : `use ${-this.axes} to ${this.axes - 1}`,
      });
    }
    return axis < 0 ? axis + this.axes : axis;
  }

  /** Length of an axis (negative: from the end). */
  dim(axis: number): number {
    return this.lengths[this.canonicalAxis(axis)]!;
  }

  /** Product of the lengths of axes begin ≤ axis < end; ends may equal the number of axes. */
  countRange(begin: number, end: number = this.axes): number {
    return countOf(this.lengths.slice(begin, end));
  }

  /** N,C,H,W of a tensor of at most 4 axes, missing ones 1 (Caffe's legacy accessors). */
  shape4(): [number, number, number, number] {
    if (this.axes > 4) {
      throw new CaffeError({
        code: 'bad-shape',
        problem: `needs at most 4 axes, but the shape is ${this.shapeString()}`,
      });
    }
    const at = (axis: number): number => this.lengths[axis] ?? 1;
    return [at(0), at(1), at(2), at(3)];
  }

  /** As Caffe prints shapes: "64 3 32 32 (196608)". */
  shapeString(): string {
    return [...this.lengths, `(${this.total})`].join(' ');
  }

  hasShape(shape: readonly number[]): boolean {
    return shape.length === this.axes && shape.every((length, axis) => length === this.lengths[axis]);
  }

  /** Gives it another shape. Memory is kept where it suffices; values are then unspecified unless the count is equal. */
  reshape(shape: readonly number[]): void {
    if (this.hasShape(shape)) return;
    const total = checkedCount(shape);
    this.lengths = [...shape];
    if (total === this.total) return;
    this.total = total;
    // A count that changes under a shared tensor ends the sharing: the other keeps its own memory.
    if (!this.ownsData) this.dataValues = new Values(this.backend, total, this.dataType);
    if (!this.ownsDiff) this.diffValues = new Values(this.backend, total, this.dataType);
    this.ownsData = true;
    this.ownsDiff = true;
    this.dataValues.resize(total);
    this.diffValues.resize(total);
  }

  reshapeLike(other: Tensor): void {
    this.reshape(other.shape);
  }

  /** Uses the other's data from now on. @throws CaffeError 'bad-shape' where the counts differ. */
  shareData(other: Tensor): void {
    if (this.dataValues === other.dataValues) return;
    this.checkSameCount(other);
    if (this.ownsData) this.dataValues.release();
    this.dataValues = other.dataValues;
    this.ownsData = false;
  }

  /** Uses the other's diff from now on. @throws CaffeError 'bad-shape' where the counts differ. */
  shareDiff(other: Tensor): void {
    if (this.diffValues === other.diffValues) return;
    this.checkSameCount(other);
    if (this.ownsDiff) this.diffValues.release();
    this.diffValues = other.diffValues;
    this.ownsDiff = false;
  }

  /** Frees the memory it owns. */
  dispose(): void {
    if (this.ownsData) this.dataValues.release();
    if (this.ownsDiff) this.diffValues.release();
  }

  private checkSameCount(other: Tensor): void {
    if (other.total !== this.total) {
      throw new CaffeError({
        code: 'bad-shape',
        problem: `cannot share memory: ${this.shapeString()} and ${other.shapeString()} hold different counts`,
      });
    }
  }
}

function checkedCount(shape: readonly number[]): number {
  const text = shape.join(' ');
  if (shape.length > maxAxes) {
    throw new CaffeError({
      code: 'bad-shape',
      problem: `a shape of ${shape.length} axes`,
      fix: `use at most ${maxAxes}`,
    });
  }
  if (shape.some((length) => !Number.isInteger(length) || length < 0)) {
    throw new CaffeError({ code: 'bad-shape', problem: `the shape "${text}" has a negative or fractional length` });
  }
  const total = countOf(shape);
  if (total > 2 ** 31 - 1) {
    throw new CaffeError({
      code: 'bad-shape',
      problem: `the shape "${text}" holds ${total} values, more than 2147483647`,
      fix: 'use a smaller batch',
    });
  }
  return total;
}
