/** What command-line tools have in common: flags as gflags reads them, log lines as glog writes them, a progress bar. */

export { formatNumber } from './format-number.ts';
export { describeFlags, type Flag, type Flags, type FlagValues, type ParsedFlags, parseFlags } from './gflags.ts';
export { createLog, glogLine, type Log, type LogOptions, type Severity } from './glog.ts';
export { ProgressBar, type ProgressState, progressLine } from './progress.ts';
