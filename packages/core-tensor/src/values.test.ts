import { describe, expect, it } from 'vitest';
import type { Backend } from './backend.ts';
import type { DataType } from './data-type.ts';
import { createReferenceBackend } from './reference/reference-backend.ts';
import { Values } from './values.ts';

/** A backend with device copies: a plain array a Values, and a log of what was moved. */
function deviceBackend(): { backend: Backend; log: string[] } {
  const log: string[] = [];
  const copyDown = (values: Values): void => {
    values.hostWrite().set(values.device as Float32Array); // hostWrite marks the host current; read() corrects it
  };
  const backend: Backend = {
    ...createReferenceBackend(),
    synchronous: false,
    download(values) {
      log.push('download');
      copyDown(values);
    },
    async downloadAsync(values) {
      log.push('downloadAsync');
      copyDown(values);
    },
    releaseDevice() {
      log.push('releaseDevice');
    },
  };
  return { backend, log };
}

describe('Values on the host', () => {
  const backend = createReferenceBackend();

  it('takes zeroed memory on first use', () => {
    const used = backend.host.usedBytes;
    const values = new Values(backend, 3);
    expect([values.isAllocated, backend.host.usedBytes]).toEqual([false, used]);
    expect([...values.hostRead()]).toEqual([0, 0, 0]);
    expect([values.isAllocated, backend.host.usedBytes]).toEqual([true, used + 12]);
    values.release();
    expect([values.isAllocated, backend.host.usedBytes]).toEqual([false, used]);
  });

  it.each<[DataType, string, number]>([
    ['f32', 'Float32Array', 20],
    ['f64', 'Float64Array', 40],
    ['f16', 'Uint16Array', 10],
    ['bf16', 'Uint16Array', 10],
    ['i32', 'Int32Array', 20],
    ['i8', 'Int8Array', 5],
    ['u8', 'Uint8Array', 5],
  ])('shows %s as %s', (type, array, bytes) => {
    const view = new Values(backend, 5, type).hostRead();
    expect([view.constructor.name, view.length, view.byteLength]).toEqual([array, 5, bytes]);
  });

  it('keeps memory where it suffices, else takes new', () => {
    const values = new Values(backend, 4);
    values.hostWrite().set([1, 2, 3, 4]);
    values.resize(2);
    expect([...values.hostRead()]).toEqual([1, 2]);
    values.resize(4);
    expect(values.hostRead().length).toBe(4);
    values.resize(9);
    expect([...values.hostRead()]).toEqual(new Array(9).fill(0));
  });

  it('is empty without trouble', () => {
    const values = new Values(backend);
    expect([values.count, values.hostRead().length]).toEqual([0, 0]);
  });
});

describe('Values in two places', () => {
  it('brings the host copy up to date once', () => {
    const { backend, log } = deviceBackend();
    const values = new Values(backend, 2);
    values.device = Float32Array.of(5, 6);
    values.markCurrent('device');
    expect([...values.hostRead()]).toEqual([5, 6]);
    expect(values.place).toBe('both');
    values.hostRead();
    expect(log).toEqual(['download']);
  });

  it('reads by a promise where the backend is not synchronous, at once where the host is current', async () => {
    const { backend, log } = deviceBackend();
    const values = new Values(backend, 2);
    values.device = Float32Array.of(5, 6);
    values.markCurrent('device');
    const reading = values.read();
    expect(reading).toBeInstanceOf(Promise);
    expect([...(await reading)]).toEqual([5, 6]);
    expect(log).toEqual(['downloadAsync']);
    expect(values.read()).toBeInstanceOf(Float32Array);
  });

  it('makes the device stale by writing or changing host values', () => {
    const { backend, log } = deviceBackend();
    const values = new Values(backend, 2);
    values.device = Float32Array.of(5, 6);
    values.markCurrent('device');
    values.hostWrite().fill(1);
    expect([values.place, log]).toEqual(['host', []]); // overwritten entirely: nothing to fetch
    values.markCurrent('device');
    values.hostUpdate()[0] = 7;
    expect([values.place, log]).toEqual(['host', ['download']]);
    expect([...values.hostRead()]).toEqual([7, 6]);
  });

  it('frees both places', () => {
    const { backend, log } = deviceBackend();
    const values = new Values(backend, 2);
    values.device = Float32Array.of(5, 6);
    values.hostRead();
    values.release();
    expect([values.isAllocated, values.place, log]).toEqual([false, 'host', ['releaseDevice']]);
  });
});
