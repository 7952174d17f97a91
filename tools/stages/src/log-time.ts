const stamp = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d\.\d+) /;

/** Seconds that the commands which wrote a log ran for; pauses between them (a stopped training) do not count. */
export function secondsOf(log: string): number {
  return log
    .split(/^(?=.*This is Jacinto)/m)
    .map((run) => {
      const times = run.split('\n').flatMap((line) => timeOf(line) ?? []);
      const [first = 0] = times;
      const seconds = (times.at(-1) ?? first) - first;
      return seconds < 0 ? seconds + 366 * 86_400 : seconds; // past New Year's Eve, as if in a leap year
    })
    .reduce((sum, one) => sum + one, 0);
}

/** Seconds since the year's begin, in a leap year: the log does not tell the year. */
function timeOf(line: string): number | undefined {
  const found = stamp.exec(line);
  if (found === null) return undefined;
  const [month, day, hours, minutes, seconds] = found.slice(1).map(Number) as [number, number, number, number, number];
  const days = (Date.UTC(2024, month - 1, day) - Date.UTC(2024, 0, 1)) / 86_400_000;
  return days * 86_400 + hours * 3600 + minutes * 60 + seconds;
}
