import { describe, expect, it } from 'vitest';
import type { Backend } from '../backend.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { input, type OperationCase, output } from './case.ts';
import { guarded } from './guarded.ts';
import { compareCase } from './run-case.ts';

const reference = createReferenceBackend();

/** A copy of five values. */
const test: OperationCase = {
  name: 'five values',
  arrays: { x: input(5), y: output(5, 'exact') },
  prepare(backend) {
    const operation = backend.copy({ outer: 1, length: 5, xStride: 0, yStride: 0 });
    return { forward: (v) => operation.run(v['x']!, v['y']!) };
  },
};

/** The reference with another copy. */
const copyingBy = (run: (x: Float32Array, y: Float32Array) => void): Backend => ({
  ...createReferenceBackend(),
  copy: () => ({ run: (x, y) => run(x.hostUpdate(), y.hostUpdate()) }),
});

/** Writes a value at an offset from the start of y, bounds unchecked, as a kernel would. */
const stray = (offset: number): Backend =>
  copyingBy((x, y) => {
    y.set(x);
    new Float32Array(y.buffer, y.byteOffset + 4 * offset, 1)[0] = 1;
  });

describe('compareCase', () => {
  it('passes a right copy', async () => {
    await compareCase(
      copyingBy((x, y) => y.set(x)),
      reference,
      test,
    );
  });

  it('finds a wrong value, one left unwritten, and a changed input', async () => {
    const wrong = copyingBy((x, y) => y.set(x.map((value, i) => (i === 3 ? value + 1e-6 : value))));
    await expect(compareCase(wrong, reference, test)).rejects.toThrow('y[3] is');
    const short = copyingBy((x, y) => y.set(x.subarray(0, 4)));
    await expect(compareCase(short, reference, test)).rejects.toThrow('y[4] is NaN');
    const greedy = copyingBy((x, y) => {
      y.set(x);
      x[0] = 0;
    });
    await expect(compareCase(greedy, reference, test)).rejects.toThrow('untouched x[0] is 0');
  });

  it('finds stray writes on both sides', async () => {
    await expect(compareCase(stray(5), reference, test)).rejects.toThrow('a stray write 0 bytes behind y (5 values)');
    await expect(compareCase(stray(-1), reference, test)).rejects.toThrow('a stray write 4 bytes before y (5 values)');
  });

  it('finds results that differ from run to run', async () => {
    let sign = 1;
    const unsteady = copyingBy((x, y) => {
      y.set(x);
      y[0] = y[0]! + sign * 1e-9;
      sign = -sign;
    });
    const loose = { ...test, arrays: { x: input(5, () => [1e-4, 1, 1, 1, 1]), y: output(5, 1e-3) } };
    await expect(compareCase(unsteady, reference, loose)).rejects.toThrow('in one run and');
  });
});

describe('guarded', () => {
  it('frees what it took', () => {
    const backend = createReferenceBackend();
    const { values, check } = guarded(backend, 3);
    values.hostWrite().fill(1);
    check();
    expect(backend.host.usedBytes).toBe(12 + 512);
    values.release();
    expect(backend.host.usedBytes).toBe(0);
  });
});
