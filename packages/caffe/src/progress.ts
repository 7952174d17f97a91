import { duration } from './duration.ts';
import { formatNumber } from './format-number.ts';

/** What the bar shows. */
export interface ProgressState {
  done: number;
  total: number;
  /** What is counted, for example "it"; each has a rate of its own. */
  unit: string;
  /** Names and values behind the bar, for example loss and accuracy. */
  values?: readonly (readonly [string, number])[];
}

/** The bar as one line of at most `width` columns. `rate`: units a second, 0 while it is unknown. */
export function progressLine({ done, total, unit, values = [] }: ProgressState, rate: number, width: number): string {
  const part = total > 0 ? Math.min(1, done / total) : 0;
  const left = rate > 0 ? `${duration((total - done) / rate)} left` : '';
  const speed = rate > 0 ? `${rate >= 10 ? Math.round(rate) : rate.toPrecision(2)} ${unit}/s` : '';
  const shown = values.map(([name, value]) => `${name} ${formatNumber(Number(value.toPrecision(4)))}`);
  const text = [`${done}/${total}`, `${Math.floor(part * 100)}%`, speed, left, ...shown].filter(Boolean).join('  ');
  const bar = Math.min(30, width - text.length - 3);
  if (bar < 5) return text.slice(0, width);
  const filled = Math.floor(part * bar);
  return `[${'='.repeat(filled)}${' '.repeat(bar - filled)}] ${text}`;
}

interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What was done in which time, of one unit; time spent on other units does not count. */
interface Pace {
  done: number;
  count: number;
  seconds: number;
}

const clearLine = '\r\x1b[2K';

/**
 * A progress bar on the last line of a terminal. Everything else that is written to the terminal goes through `write`,
 * which takes the bar away and draws it again below. On what is no terminal there is no bar.
 */
export class ProgressBar {
  private readonly terminal: Terminal;
  private readonly now: () => number;
  private readonly paces = new Map<string, Pace>();
  private line = '';
  private drawnAt = Number.NEGATIVE_INFINITY;
  private last: { unit: string; time: number } | undefined;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.terminal = terminal;
    this.now = now;
  }

  /** Draws the bar, ten times a second at most. */
  update(state: ProgressState): void {
    if (!this.terminal.isTTY) return;
    const time = this.now();
    const rate = this.rate(state, time);
    if (time - this.drawnAt < 100 && state.done < state.total) return;
    this.drawnAt = time;
    // some terminals give 0 columns
    this.line = progressLine(state, rate, (this.terminal.columns || 80) - 1);
    this.terminal.write(clearLine + this.line);
  }

  /** Writes text above the bar. */
  write(text: string): void {
    this.terminal.write(this.line === '' ? text : `${clearLine}${text}${this.line}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.line !== '') this.terminal.write(clearLine);
    this.line = '';
    this.paces.clear();
    this.last = undefined;
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }

  private rate({ unit, done }: ProgressState, time: number): number {
    const pace = this.paces.get(unit);
    if (pace === undefined || done < pace.done) this.paces.set(unit, { done, count: 0, seconds: 0 });
    else {
      if (this.last?.unit === unit) {
        pace.count += done - pace.done;
        pace.seconds += (time - this.last.time) / 1000;
      }
      pace.done = done;
    }
    this.last = { unit, time };
    return pace !== undefined && pace.seconds > 0.2 ? pace.count / pace.seconds : 0;
  }
}
