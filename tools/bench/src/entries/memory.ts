import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { NetMemory } from '@jacinto/net';
import type { BenchEntry, Row } from '../entry.ts';

const steps = 20;

interface Measured {
  net: NetMemory;
  peak: number;
  growth: number;
}

/** What training takes of memory, in a process of its own: by the net's count and by the operating system's. */
export const memory: BenchEntry = {
  name: 'memory',
  description: 'training JacintoNet11 (CIFAR-10): the blobs, the peak of the process, growth over steps',
  async run(context) {
    const rows: Row[] = [];
    for (const batch of [16, 64]) {
      context.progress(`batch ${batch}, ${5 + steps} steps`);
      const child = fileURLToPath(new URL('../memory-child.js', import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, [child, String(batch), String(steps)]);
      const { net, peak, growth } = JSON.parse(stdout) as Measured;
      const blobs = net.data + net.diff + net.params + net.paramDiffs;
      if (!(peak > blobs)) throw new Error(`a peak of ${peak} bytes for ${blobs} bytes of blobs`);
      const row = (subject: string, bytes: number, note?: string): Row => {
        return { work: `batch ${batch}`, subject, rate: bytes / 2 ** 20, unit: 'MiB', note };
      };
      rows.push(
        row('blobs, data', net.data, '"Memory required for data" of the log'),
        row('blobs, gradients', net.diff),
        row('parameters and their gradients', net.params + net.paramDiffs),
        row('peak of the process', peak, `${(peak / blobs).toFixed(2)} times the above together`),
        row(`growth over ${steps} steps`, growth),
      );
    }
    return { rows };
  },
};
