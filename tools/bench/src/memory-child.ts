import { createCpuBackend } from '@jacinto/core-tensor';
import { trainingSolver } from './training-net.ts';

// Runs in a process of its own: trains, and prints what memory that took, as JSON.

const [batch, steps] = process.argv.slice(2).map(Number);
const backend = await createCpuBackend();
const solver = await trainingSolver(backend, batch!);
await solver.step(5);
const early = process.memoryUsage().rss;
await solver.step(steps!);
process.stdout.write(
  JSON.stringify({
    net: solver.net.memoryBytes,
    peak: process.resourceUsage().maxRSS * 1024,
    growth: process.memoryUsage().rss - early,
  }),
);
await solver.dispose();
await backend.dispose();
