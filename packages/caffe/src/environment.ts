import type { Log } from './glog.ts';
import type { ProgressBar } from './progress.ts';
import type { SignalSource } from './signals.ts';

/** What a command may use of the world. */
export interface Environment {
  log: Log;
  /** Results for other programs, and summaries. */
  print: (text: string) => void;
  bar: ProgressBar;
  signals: SignalSource;
  /** Ends the program at once. */
  quit: (code: number) => void;
}
