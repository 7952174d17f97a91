import { expect, it } from 'vitest';
import { averageOf, caffeTime } from './caffe.ts';
import { Child } from './child.ts';

const echo = `
  console.log('{"version":"7"}');
  require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const request = JSON.parse(line);
    console.log(JSON.stringify(request.fail ? { error: 'no' } : { got: request }));
  });`;

it('asks a child and hears its answers', async () => {
  const child = await Child.start(process.execPath, ['-e', echo]);
  if ('absent' in child) throw new Error(child.absent);
  expect(child.hello).toEqual({ version: '7' });
  expect(await child.ask({ run: 3 })).toEqual({ got: { run: 3 } });
  await child.subject('peer', { part: 'x' }).runs!(2);
  await expect(child.ask({ fail: true })).rejects.toThrow('no');
  child.end();
});

it.each([
  ['says so', ['-e', `console.log('{"error":"no module named torch"}')`], 'no module named torch'],
  ['dies', ['-e', `console.error('cannot load'); process.exit(1)`], 'cannot load'],
])('an absent peer %s', async (_, args, reason) => {
  expect(await Child.start(process.execPath, args)).toEqual({ absent: reason });
});

it('an absent command is named', async () => {
  const child = await Child.start('/nowhere/python3', []);
  expect((child as { absent: string }).absent).toContain('/nowhere/python3');
});

it('reads the averages of caffe time', () => {
  const text = 'I1125 caffe.cpp:412] Average Forward pass: 215.4 ms.\nAverage Forward-Backward: 1.3e+03 ms.';
  expect(averageOf(text, 'Forward pass')).toBeCloseTo(0.2154);
  expect(averageOf(text, 'Forward-Backward')).toBeCloseTo(1.3);
  expect(averageOf(text, 'Backward pass')).toBeUndefined();
  expect(caffeTime(undefined, {} as never, '', 2)).toEqual({
    absent: 'absent (no caffe binary); give one: --caffe FILE or JACINTO_BENCH_CAFFE',
  });
});
