import { readFileSync } from 'node:fs';

/**
 * Bytes of this process that are resident: now, and the most so far. On Linux from /proc, since there the peak that
 * `resourceUsage` gives begins with the parent's size at the fork.
 */
export function processMemory(): { now: number; peak: number } {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)![1]);
    return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
  } catch {
    return { now: process.memoryUsage().rss, peak: process.resourceUsage().maxRSS * 1024 };
  }
}
