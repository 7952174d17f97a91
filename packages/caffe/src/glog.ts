/** Severities of glog, by the first letter of a line. */
export type Severity = 'I' | 'W' | 'E' | 'F';

/**
 * A line as glog writes it: `I1124 17:19:00.229171 29212 solver.cpp:45] Initializing solver`. The thread id is the
 * process id, as on a single thread under Linux. `now`: milliseconds since 1970, with fractions. Only the first line of a text has the prefix.
 */
export function glogLine(severity: Severity, source: string, text: string, now: number, pid: number): string {
  const date = new Date(now);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getMonth() + 1)}${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const micro = String(Math.floor((now % 1000) * 1000)).padStart(6, '0');
  return `${severity}${day} ${time}.${micro} ${String(pid).padStart(5, ' ')} ${source}] ${text}\n`;
}

/** Where log lines go. `info` lines may be held back (--quiet); warnings and errors always appear. */
export interface Log {
  info(source: string, text: string): void;
  warning(source: string, text: string): void;
  error(source: string, text: string): void;
}

export interface LogOptions {
  write: (text: string) => void;
  quiet?: boolean;
  now?: () => number;
  pid?: number;
}

export function createLog({
  write,
  quiet = false,
  now = () => performance.timeOrigin + performance.now(),
  pid = process.pid,
}: LogOptions): Log {
  const line = (severity: Severity) => (source: string, text: string) => {
    if (severity === 'I' && quiet) return;
    write(glogLine(severity, source, text, now(), pid));
  };
  return { info: line('I'), warning: line('W'), error: line('E') };
}
