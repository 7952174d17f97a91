import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { blobValues } from '@jacinto/proto';
import { readWeightsFile } from '@jacinto/proto/node';
import { countZeros } from '@jacinto/sparsity';
import type { Comparison } from './compare.ts';

/** What stands before file and line: severity, date, time, thread. */
export const glogPrefix = /^([IW])\d{4} [\d:.]+ +\d+ /;
/** Lines of caffe-jacinto 0.17 that its sparse training writes: "W net.cpp:2612] conv2 ni=32 no=32". */
const ofSparsity = /^[IW] (net\.cpp:2[67]\d\d|solver\.cpp:(391|421|981))\] /;
/**
 * Counts hang on the last bits of weights where caps act: two kernels of one BLAS library differ by up to 10 zeros in
 * 13 900 in real runs. That many may lie in one layer.
 */
const countTolerance = 2e-3;
const zerosTolerance = 10;

/**
 * Compares the lines that a sparse training wrote: words, factors, iterations and sizes exact, counts nearly.
 * @param smallest weights of the smallest layer that is made sparse: the lines tell shares of zeros, not their number
 */
export function compareSparsityLog(
  log: string,
  lines: readonly string[],
  smallest: number,
  comparison: Comparison,
): void {
  const theirs = log
    .split('\n')
    .map((line) => line.replace(glogPrefix, '$1 ').trimEnd())
    .filter((line) => ofSparsity.test(line));
  if (lines.length !== theirs.length) {
    comparison.addFault(`${lines.length} lines about sparsity, not ${theirs.length}`);
    return;
  }
  for (const [i, line] of theirs.entries()) compareLine(lines[i]!, line, zerosTolerance / smallest, comparison);
}

function compareLine(ours: string, theirs: string, tolerance: number, comparison: Comparison): void {
  const loose = /(ZeroWeightsFraction=|sparsity_achieved=|_param_\w+\(|\) |\()([\d.e+-]+)/g;
  const words = (line: string) => line.replace(loose, '$1#');
  if (words(ours) !== words(theirs)) {
    comparison.addFault(`log line "${ours}", not "${theirs}"`);
    return;
  }
  const numbers = (line: string) => [...line.matchAll(loose)].map(([, , value]) => Number(value));
  const total = /\(([\d.e+]+)\/([\d.e+]+)\)/;
  const [a, b] = [total.exec(ours), total.exec(theirs)];
  if (a !== null && b !== null) {
    comparison.add(theirs, Math.abs(Number(a[1]) - Number(b[1])) / Number(b[2]), countTolerance);
    return;
  }
  for (const [k, value] of numbers(theirs).entries()) {
    comparison.add(theirs, Math.abs(numbers(ours)[k]! - value), tolerance);
  }
}

/**
 * Compares the zeros of convolutions in snapshots: their number, and where the run makes none (`frozen`) their places.
 * @param recorded paths of .caffemodel files; @param written folder that this run wrote into
 */
export function compareZeros(
  recorded: readonly string[],
  written: string,
  frozen: boolean,
  comparison: Comparison,
): void {
  for (const expected of recorded) {
    const actual = join(written, basename(expected));
    if (!existsSync(actual)) {
      comparison.addFault(`${basename(expected)} was not written`);
      continue;
    }
    const ours = new Map(readWeightsFile(actual).layer.map(({ name, blobs }) => [name, blobs]));
    for (const { name, type, blobs } of readWeightsFile(expected).layer) {
      if (type !== 'Convolution') continue;
      const [a, b] = [blobValues(ours.get(name)![0]!), blobValues(blobs[0]!)];
      const label = `${basename(actual)} ${name}: zeros`;
      const isZero = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value === 0));
      if (frozen) comparison.addExact(label, isZero(a), isZero(b));
      else {
        const apart = Math.abs(countZeros(a) - countZeros(b));
        comparison.add(label, apart / b.length, Math.max(zerosTolerance / b.length, countTolerance));
      }
    }
  }
}
