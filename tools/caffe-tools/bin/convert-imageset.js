#!/usr/bin/env node
import { availableParallelism } from 'node:os';

// Pictures are decoded on libuv's threads: as many as there are cores, not four.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, availableParallelism()));
await import('../dist/bin/convert-imageset.js');
