import { afterEach, beforeEach, expect, vi } from 'vitest';

// Libraries never print: any console call in a test's own process is a failure.
const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;
const calls: string[] = [];

beforeEach(() => {
  calls.length = 0;
  for (const method of methods) {
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => {
      calls.push(`console.${method}(${args.map(String).join(' ')})`);
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(calls, 'a library printed').toEqual([]);
});
