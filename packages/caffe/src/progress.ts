import { duration } from './duration.ts';
import { formatNumber } from './format-number.ts';

/** What the bar shows. */
export interface ProgressState {
  done: number;
  total: number;
  /** What is counted, for example "it". */
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

const clearLine = '\r\x1b[2K';

/**
 * A progress bar on the last line of a terminal. Everything else that is written to the terminal goes through `write`,
 * which takes the bar away and draws it again below. On what is no terminal there is no bar.
 */
export class ProgressBar {
  private readonly terminal: Terminal;
  private readonly now: () => number;
  private line = '';
  private drawnAt = Number.NEGATIVE_INFINITY;
  private begin: { time: number; done: number } | undefined;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.terminal = terminal;
    this.now = now;
  }

  /** Draws the bar, ten times a second at most. */
  update(state: ProgressState): void {
    if (!this.terminal.isTTY) return;
    const time = this.now();
    if (this.begin === undefined || state.done < this.begin.done) this.begin = { time, done: state.done };
    if (time - this.drawnAt < 100 && state.done < state.total) return;
    this.drawnAt = time;
    const seconds = (time - this.begin.time) / 1000;
    const rate = seconds > 0.2 ? (state.done - this.begin.done) / seconds : 0;
    this.line = progressLine(state, rate, (this.terminal.columns ?? 80) - 1);
    this.terminal.write(clearLine + this.line);
  }

  /** Writes text above the bar. */
  write(text: string): void {
    this.terminal.write(this.line === '' ? text : `${clearLine}${text}${this.line}`);
  }

  /** Takes the bar away; a later update begins a new count. */
  end(): void {
    if (this.line !== '') this.terminal.write(clearLine);
    this.line = '';
    this.begin = undefined;
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }
}
