import { describe, expect, it } from 'vitest';
import { duration } from './duration.ts';
import { ProgressBar, progressLine } from './progress.ts';

describe('progress bar', () => {
  const state = { done: 25, total: 100, unit: 'it', values: [['loss', 1.23456]] as const };

  it('shows count, part, rate, remaining time and values', () => {
    expect(progressLine(state, 5, 79)).toBe(
      '[=======                       ] 25/100  25%  5.0 it/s  0m 15s left  loss 1.235',
    );
  });

  it('fits into narrow terminals', () => {
    expect(progressLine(state, 12.4, 60)).toBe('[===          ] 25/100  25%  12 it/s  0m 6s left  loss 1.235');
    expect(progressLine(state, 5, 20)).toHaveLength(20);
  });

  it('is drawn again below what is written, and taken away in the end', () => {
    const written: string[] = [];
    let time = 0;
    const bar = new ProgressBar({ write: (text) => written.push(text), isTTY: true, columns: 30 }, () => time);
    bar.write('first\n');
    bar.update({ done: 0, total: 4, unit: 'it' });
    time = 50;
    bar.update({ done: 1, total: 4, unit: 'it' });
    bar.write('second\n');
    time = 1000;
    bar.update({ done: 2, total: 4, unit: 'it' });
    bar.end();
    const clear = '\r\x1b[2K';
    const start = '[                   ] 0/4  0%';
    expect(written).toEqual([
      'first\n',
      clear + start,
      `${clear}second\n${start}`,
      `${clear}2/4  50%  2.0 it/s  0m 1s left`.slice(0, clear.length + 29),
      clear,
    ]);
  });

  it('has a rate for each unit, and leaves out the time of the others', () => {
    const written: string[] = [];
    let time = 0;
    const bar = new ProgressBar({ write: (text) => written.push(text), isTTY: true, columns: 0 }, () => time);
    const at = (seconds: number, done: number, unit: string) => {
      time = seconds * 1000;
      bar.update({ done, total: 100, unit });
    };
    at(0, 10, 'it');
    at(1, 30, 'it');
    at(2, 1, 'tests');
    at(7, 2, 'tests');
    at(8, 31, 'it');
    at(9, 51, 'it');
    expect(written.at(-1)).toContain('51/100  51%  20 it/s  0m 2s left');
    expect(written.at(-3)).toContain('2/100  2%  0.20 tests/s');
  });

  it('does not exist where there is no terminal', () => {
    const written: string[] = [];
    const bar = new ProgressBar({ write: (text) => written.push(text) });
    bar.update(state);
    bar.write('line\n');
    bar.end();
    expect(written).toEqual(['line\n']);
  });
});

describe('duration', () => {
  it.each([
    [0.4, '0m 0s'],
    [1088, '18m 8s'],
    [3723, '1h 2m 3s'],
  ])('%d s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
