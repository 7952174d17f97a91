import { CaffeError } from '@jacinto/proto/errors';
import { describe, expect, it } from 'vitest';
import { createReferenceBackend } from './reference/reference-backend.ts';
import { countOf, Tensor } from './tensor.ts';

const backend = createReferenceBackend();

function errorOf(body: () => unknown): CaffeError {
  try {
    body();
  } catch (error) {
    expect(error).toBeInstanceOf(CaffeError);
    return error as CaffeError;
  }
  throw new Error('nothing was thrown');
}

describe('Tensor shape', () => {
  const tensor = new Tensor(backend, [64, 3, 32, 16]);

  it('counts values, axes and ranges of axes', () => {
    expect([tensor.count, tensor.axes, tensor.countRange(1), tensor.countRange(1, 3)]).toEqual([98_304, 4, 1536, 96]);
    expect([tensor.countRange(4), tensor.countRange(2, 2)]).toEqual([1, 1]);
    expect(tensor.shapeString()).toBe('64 3 32 16 (98304)');
    expect(tensor.spec).toEqual({ shape: [64, 3, 32, 16], dataType: 'f32' });
  });

  it('is a scalar without axes and empty by default', () => {
    expect([new Tensor(backend, []).count, new Tensor(backend).count]).toEqual([1, 0]);
    expect([countOf([]), countOf([3, 0])]).toEqual([1, 0]);
  });

  it('counts axes from the end where negative', () => {
    expect([tensor.canonicalAxis(1), tensor.canonicalAxis(-1), tensor.dim(-4)]).toEqual([1, 3, 64]);
  });

  it('refuses axes out of range, with the range', () => {
    const error = errorOf(() => tensor.dim(4));
    expect(error.facts.code).toBe('bad-value');
    expect(error.message).toBe('axis is 4, but the shape 64 3 32 16 (98304) has 4 axes; use -4 to 3');
    expect(errorOf(() => new Tensor(backend, []).dim(0)).message).toContain('a scalar has no axis');
    expect(errorOf(() => tensor.canonicalAxis(0.5)).message).toContain('axis is 0.5');
  });

  it('gives N,C,H,W with missing axes 1', () => {
    expect(new Tensor(backend, [5, 6]).shape4()).toEqual([5, 6, 1, 1]);
    expect(errorOf(() => new Tensor(backend, [1, 2, 3, 4, 5]).shape4()).message).toBe(
      'needs at most 4 axes, but the shape is 1 2 3 4 5 (120)',
    );
  });

  it('refuses impossible shapes', () => {
    expect(errorOf(() => new Tensor(backend, [2, -1])).message).toBe(
      'the shape "2 -1" has a negative or fractional length',
    );
    expect(errorOf(() => new Tensor(backend, [1.5])).facts.code).toBe('bad-shape');
    expect(errorOf(() => new Tensor(backend, new Array(33).fill(1))).message).toBe(
      'a shape of 33 axes; use at most 32',
    );
    expect(errorOf(() => new Tensor(backend, [65536, 32768])).message).toBe(
      'the shape "65536 32768" holds 2147483648 values, more than 2147483647; use a smaller batch',
    );
  });

  it('keeps its shape when a new one is refused', () => {
    const kept = new Tensor(backend, [2, 3]);
    expect(() => kept.reshape([2, -3])).toThrow();
    expect(kept.shape).toEqual([2, 3]);
    expect(kept.count).toBe(6);
  });
});

describe('Tensor reshape', () => {
  it('keeps values where the count is equal', () => {
    const tensor = new Tensor(backend, [2, 3]);
    tensor.data.hostWrite().set([1, 2, 3, 4, 5, 6]);
    tensor.reshape([3, 2, 1]);
    expect([...tensor.data.hostRead()]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('keeps memory where it shrinks and grows back', () => {
    const tensor = new Tensor(backend, [8]);
    tensor.data.hostWrite();
    const used = backend.host.usedBytes;
    tensor.reshape([4]);
    tensor.reshape([8]);
    expect(tensor.data.hostRead().length).toBe(8);
    expect(backend.host.usedBytes).toBe(used);
    tensor.dispose();
    expect(backend.host.usedBytes).toBe(used - 32);
  });

  it('takes the shape of another', () => {
    const tensor = new Tensor(backend, [1]);
    tensor.reshapeLike(new Tensor(backend, [4, 5]));
    expect(tensor.shape).toEqual([4, 5]);
  });
});

describe('Tensor sharing', () => {
  it('shares data and diff each by itself', () => {
    const [a, b] = [new Tensor(backend, [2, 2]), new Tensor(backend, [4])];
    b.shareData(a);
    a.data.hostWrite().set([1, 2, 3, 4]);
    a.diff.hostWrite().fill(9);
    expect([...b.data.hostRead()]).toEqual([1, 2, 3, 4]);
    expect([...b.diff.hostRead()]).toEqual([0, 0, 0, 0]);
    b.shareDiff(a);
    expect(b.diff).toBe(a.diff);
    b.shareDiff(a); // again: nothing happens
    expect([...b.diff.hostRead()]).toEqual([9, 9, 9, 9]);
  });

  it('ends where the count changes; the owner keeps its values', () => {
    const [a, b] = [new Tensor(backend, [3]), new Tensor(backend, [3])];
    b.shareData(a);
    a.data.hostWrite().set([1, 2, 3]);
    b.reshape([5]);
    expect(b.data.count).toBe(5);
    expect([...a.data.hostRead()]).toEqual([1, 2, 3]);
  });

  it('leaves the owner its memory when the sharer is disposed', () => {
    const [a, b] = [new Tensor(backend, [3]), new Tensor(backend, [3])];
    b.shareData(a);
    a.data.hostWrite().set([1, 2, 3]);
    b.dispose();
    expect([...a.data.hostRead()]).toEqual([1, 2, 3]);
  });

  it('refuses other counts', () => {
    const error = errorOf(() => new Tensor(backend, [2]).shareData(new Tensor(backend, [3])));
    expect(error.facts.code).toBe('bad-shape');
    expect(error.message).toBe('cannot share memory: 2 (2) and 3 (3) hold different counts');
    expect(() => new Tensor(backend, [2]).shareDiff(new Tensor(backend, [3]))).toThrow('different counts');
  });
});
