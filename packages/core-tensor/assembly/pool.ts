import {
  ARGUMENTS,
  BLOCKS,
  CALLER_SLEEPS,
  CLAIM,
  DONE,
  FAILED,
  GRAIN,
  GROWTH,
  ITEMS,
  KERNEL,
  MAY_SLEEP,
  SLEEPERS,
  STOP,
} from './control';

// About 50 µs: longer than the gap between two operations of a net, shorter than what a sleep and a wake-up cost.
const SPINS = 20_000;

// A job is cut into blocks of `grain` items. Threads claim blocks by counting the claim word down; which thread runs a
// block is a matter of timing, what the block computes is not. Owning an unfinished block keeps the job's words stable,
// and the job number in the claim word keeps a late thread from taking a block of the next job by mistake.

// @ts-ignore: decorator
@inline
function runBlock(block: i32, thread: i32): void {
  const grain = load<i32>(GRAIN);
  const begin = block * grain;
  call_indirect<void>(load<i32>(KERNEL), load<i32>(ARGUMENTS), begin, min(begin + grain, load<i32>(ITEMS)), thread);
}

/** The block claimed, or −1 where none is left. */
// @ts-ignore: decorator
@inline
function claim(): i32 {
  let seen = atomic.load<i64>(CLAIM);
  while (<i32>seen != 0) {
    const found = atomic.cmpxchg<i64>(CLAIM, seen, seen - 1);
    if (found == seen) return load<i32>(BLOCKS) - <i32>seen;
    seen = found;
  }
  return -1;
}

function finishBlock(): void {
  const done = atomic.add<i32>(DONE, 1) + 1;
  if (done == load<i32>(BLOCKS) && atomic.load<i32>(CALLER_SLEEPS)) atomic.notify(DONE, 1);
}

/**
 * A worker's life: claims and runs blocks until the pool stops, which gives −1. Where the memory has grown since
 * `growth` times, it gives the block it has claimed: an engine tells a thread the new size only between calls (and bulk
 * operations check against what it was told), so the worker's program has to come back through `runClaimed`.
 */
export function workerLoop(thread: i32, growth: i32): i32 {
  while (!atomic.load<i32>(STOP)) {
    const block = claim();
    if (block >= 0) {
      if (atomic.load<i32>(GROWTH) != growth) return block;
      runBlock(block, thread);
      finishBlock();
      continue;
    }
    let spins = SPINS;
    let seen: i64 = 0;
    do {
      seen = atomic.load<i64>(CLAIM);
    } while (<i32>seen == 0 && --spins > 0);
    if (<i32>seen != 0) continue;
    atomic.add<i32>(SLEEPERS, 1);
    if (!atomic.load<i32>(STOP)) atomic.wait<i32>(CLAIM + 4, <i32>(seen >> 32), -1);
    atomic.sub<i32>(SLEEPERS, 1);
  }
  return -1;
}

/** Runs a block that `workerLoop` gave back. */
export function runClaimed(block: i32, thread: i32): void {
  runBlock(block, thread);
  finishBlock();
}

/** Called by a thread whose kernel trapped, so that the job still ends. */
export function blockFailed(): void {
  atomic.add<i32>(FAILED, 1);
  finishBlock();
}

/** Runs a job on all threads and returns when it is done; the caller works too. Gives the number of failed blocks. */
export function dispatch(kernel: i32, args: usize, items: i32, grain: i32): i32 {
  const blocks = (items + grain - 1) / grain;
  store<i32>(KERNEL, kernel);
  store<usize>(ARGUMENTS, args);
  store<i32>(ITEMS, items);
  store<i32>(GRAIN, grain);
  store<i32>(BLOCKS, blocks);
  store<i32>(FAILED, 0);
  store<i32>(DONE, 0);
  const job = (atomic.load<i64>(CLAIM) >> 32) + 1;
  atomic.store<i64>(CLAIM, (job << 32) | <i64>blocks);
  if (atomic.load<i32>(SLEEPERS)) atomic.notify(CLAIM + 4, blocks - 1);
  return finishJob();
}

/** The caller's part of a job: runs blocks while there are any, then waits for the others. */
export function finishJob(): i32 {
  const blocks = load<i32>(BLOCKS);
  let block: i32;
  while ((block = claim()) >= 0) {
    runBlock(block, 0);
    atomic.add<i32>(DONE, 1);
  }
  let spins = SPINS;
  while (atomic.load<i32>(DONE) != blocks) {
    if (--spins > 0 || !load<i32>(MAY_SLEEP)) continue;
    atomic.store<i32>(CALLER_SLEEPS, 1);
    const done = atomic.load<i32>(DONE);
    if (done != blocks) atomic.wait<i32>(DONE, done, -1);
    atomic.store<i32>(CALLER_SLEEPS, 0);
  }
  return atomic.load<i32>(FAILED);
}

/** The same blocks in order on the calling thread, waking nobody. */
export function runAlone(kernel: i32, args: usize, items: i32, grain: i32): void {
  for (let begin = 0; begin < items; begin += grain) {
    call_indirect<void>(kernel, args, begin, min(begin + grain, items), 0);
  }
}

/** Ends the workers. */
export function stopWorkers(): void {
  atomic.store<i32>(STOP, 1);
  atomic.store<i64>(CLAIM, ((atomic.load<i64>(CLAIM) >> 32) + 1) << 32);
  atomic.notify(CLAIM + 4, -1);
}
