import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { convolutions, flops } from './cifar10-convolutions.ts';
import { measure, median, runBench, tableText, verify } from './index.ts';
import { trainingNet } from './training-net.ts';

const out = mkdtempSync(join(tmpdir(), 'jacinto-bench-test-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

it('takes the middle sample', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

it('lets subjects take turns, forwards and backwards, after warming each', async () => {
  const calls: string[] = [];
  const subject = (name: string) => ({ name, run: () => void calls.push(name) });
  const seconds = await measure([subject('a'), subject('b')], { rounds: 2, sampleSeconds: 0 });
  expect(calls.join('')).toBe('ababba');
  expect([...seconds.keys()]).toEqual(['a', 'b']);
});

it('refuses wrong results', () => {
  verify('right', [1, 2], [1, 2.0001]);
  expect(() => verify('a product', [1, 2], [1, 2.1])).toThrow(
    'a product: the result is wrong by 4.8e-2 of its largest value',
  );
  expect(() => verify('NaN', [Number.NaN], [1])).toThrow('is wrong by NaN');
  expect(() => verify('short', [1], [1, 2])).toThrow('1 values, not 2');
});

it('prints a table', () => {
  const table = tableText([
    { work: 'one', subject: 'us', seconds: 0.0123, rate: 41.23, unit: 'GFLOP/s', ratio: 30, against: 'them' },
    { work: 'one', subject: 'them', note: 'absent' },
    { work: 'two', subject: 'us', seconds: 2 },
  ]);
  expect(table.split('\n')).toEqual([
    'work  who       time         speed  ratio',
    '----  ----  --------  ------------  -----------  ------',
    'one   us    12.30 ms  41.2 GFLOP/s  30.00× them',
    '      them         –                             absent',
    '',
    'two   us      2.00 s',
  ]);
});

it('knows the work of JacintoNet11: 36.9 GFLOP a forward pass of 64 pictures', () => {
  const total = 64 * convolutions.reduce((sum, shape) => sum + flops(shape), 0);
  expect(total / 1e9).toBeCloseTo(36.9, 1);
  expect(3 * total).toBeCloseTo(110.6e9, -8);
  const layers = trainingNet(64).layer.filter(({ type }) => type === 'Convolution');
  expect(layers.map(({ name }) => name)).toEqual(convolutions.map(({ name }) => name));
  for (const [i, { convolutionParam }] of layers.entries()) {
    expect([convolutionParam!.numOutput, convolutionParam!.group]).toEqual([
      convolutions[i]!.output,
      convolutions[i]!.group,
    ]);
  }
});

it('names the nearest entry for one that does not exist', async () => {
  const written: string[] = [];
  const original = process.stderr.write;
  process.stderr.write = ((text: string) => written.push(text) > 0) as typeof process.stderr.write;
  try {
    expect(await runBench(['gem', '--out', out])).toBe(1);
  } finally {
    process.stderr.write = original;
  }
  expect(written.join('')).toContain('there is no benchmark "gem"; did you mean "gemm"?');
});
