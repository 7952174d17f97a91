import { describe, expect, it } from 'vitest';
import { PaceClock } from './pace-clock.ts';

describe('PaceClock', () => {
  it('leaves out what is no training', async () => {
    let time = 0;
    const clock = new PaceClock(5, () => time);
    time = 1000;
    await clock.without(async () => {
      time = 5000;
    });
    time = 6000;
    expect(clock.lap(9)).toEqual({ seconds: 2, iterations: 4 });
    time = 6500;
    expect(clock.lap(10)).toEqual({ seconds: 0.5, iterations: 1 });
  });
});
