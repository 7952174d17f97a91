import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createCpuBackend, Tensor } from '@jacinto/core-tensor';
import { describe, expect, test } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { createOneDnnBackend } from './onednn-backend.ts';

const found = await findOneDnn();
const isSuited = found.usable && process.platform === 'linux' && availableParallelism() > 1;

/** Lists of the cores that this process's threads may use: "0-1", "1". */
function allowed(): Map<string, string> {
  const all = readdirSync('/proc/self/task').map((thread) => {
    const status = readFileSync(`/proc/self/task/${thread}/status`, 'latin1');
    return [thread, /Cpus_allowed_list:\s*(\S+)/.exec(status)![1]!] as const;
  });
  return new Map(all);
}

/** 0, 1 and 3 for "0-1,3". */
function coresIn(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last! - first + 1 }, (_, i) => first + i);
  });
}

describe.skipIf(!isSuited)('threads of OpenMP', () => {
  test('are sent away from the core of the thread that calls oneDNN', async () => {
    if (!found.usable) return;
    const setMask = found.koffi.load('libc.so.6').func('sched_setaffinity', 'int', ['int', 'size_t', 'void *']);
    const self = Number(readFileSync('/proc/thread-self/stat', 'latin1').split(' ')[0]);
    const mine = coresIn(allowed().get(`${self}`)!);
    const stayOn = (cores: readonly number[]): void => {
      const mask = new Uint8Array(128);
      for (const core of cores) mask[core >> 3]! |= 1 << (core & 7);
      setMask(self, mask.length, mask);
    };
    const before = allowed();
    const backend = await createOneDnnBackend({ found, over: await createCpuBackend({ threads: 1 }), threads: 2 });
    const shape = [1, 32, 64, 64];
    const [x, y, w] = [shape, shape, [32, 32, 3, 3]].map((each) => new Tensor(backend, each)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const geometry = { stride: [1, 1], pad: [1, 1], dilation: [1, 1], group: 1, bias: false };
    const operation = backend.convolution({ x: x.spec, w: w.spec, y: y.spec, ...geometry });
    operation.forward(x.data, w.data, undefined, y.data);
    const own = [...allowed().keys()].filter((thread) => !before.has(thread));
    expect(own.length).toBeGreaterThan(0);
    const free = (): number[] => own.flatMap((thread) => coresIn(allowed().get(thread)!));
    for (const core of mine.slice(0, 2)) {
      stayOn([core]);
      const end = performance.now() + 10_000;
      while (free().includes(core) && performance.now() < end) operation.forward(x.data, w.data, undefined, y.data);
      expect(free()).not.toContain(core);
      expect(free()).toEqual(expect.arrayContaining(mine.filter((each) => each !== core)));
    }
    stayOn(mine);
    await backend.dispose();
  });
});
