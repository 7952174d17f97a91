import type { Pace } from './events.ts';

/** Measures training between two displays; what happens in `without` (tests, snapshots) does not count. */
export class PaceClock {
  private readonly now: () => number;
  private begin: number;
  private last: number;
  private excluded = 0;

  /** `now` in milliseconds. */
  constructor(iter: number, now: () => number = () => performance.now()) {
    this.now = now;
    this.begin = now();
    this.last = iter;
  }

  async without<T>(body: () => Promise<T>): Promise<T> {
    const start = this.now();
    try {
      return await body();
    } finally {
      this.excluded += this.now() - start;
    }
  }

  /** Time and iterations since the last lap; starts the next. */
  lap(iter: number): Pace {
    const end = this.now();
    const pace = { seconds: (end - this.begin - this.excluded) / 1000, iterations: iter - this.last };
    this.begin = end;
    this.last = iter;
    this.excluded = 0;
    return pace;
  }
}
