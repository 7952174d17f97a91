// The control block: fixed addresses below the heap, shared by all threads. Hot words have cache lines of their own.

/** i64: the low half counts blocks still unclaimed, the high half is the number of the job. */
export const CLAIM: usize = 64;
/** i32: blocks finished. */
export const DONE: usize = 128;
/** i32: workers asleep. */
export const SLEEPERS: usize = 192;
/** i32: 1 while the caller sleeps until the last block is finished. */
export const CALLER_SLEEPS: usize = 256;
/** i32: 1 ends the workers. */
export const STOP: usize = 260;
/** i32: blocks in which a kernel trapped. */
export const FAILED: usize = 264;
/** i32: 1 where the caller may sleep (not on a browser's page). */
export const MAY_SLEEP: usize = 268;

// The job; stable while any of its blocks is unfinished.
export const KERNEL: usize = 320;
export const ARGUMENTS: usize = 324;
export const ITEMS: usize = 328;
export const GRAIN: usize = 332;
export const BLOCKS: usize = 336;
/** i32: times the memory has grown. */
export const GROWTH: usize = 340;

// Workspaces, set when an operation is prepared.
export const THREAD_WORKSPACE: usize = 384;
export const THREAD_WORKSPACE_BYTES: usize = 388;
export const SHARED_WORKSPACE: usize = 392;

/** Scratch memory of the thread that runs the block; contents unspecified. */
// @ts-ignore: decorator
@inline
export function threadWorkspace(thread: i32): usize {
  return load<usize>(THREAD_WORKSPACE) + <usize>thread * load<usize>(THREAD_WORKSPACE_BYTES);
}

/** Scratch memory common to all blocks of an operation's jobs; contents survive from job to job of one run. */
// @ts-ignore: decorator
@inline
export function sharedWorkspace(): usize {
  return load<usize>(SHARED_WORKSPACE);
}
