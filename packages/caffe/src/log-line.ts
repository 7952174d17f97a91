import type { Log } from './glog.ts';

/** A line as the packages give it that log in caffe-jacinto's words. */
export interface LogLine {
  severity: 'I' | 'W';
  source: string;
  text: string;
}

export function logLine(log: Log, { severity, source, text }: LogLine): void {
  if (severity === 'W') log.warning(source, text);
  else log.info(source, text);
}
