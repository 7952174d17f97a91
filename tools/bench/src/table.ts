import type { Row } from './entry.ts';

/** Rows as a text table; a blank line between works. */
export function tableText(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.work,
    row.subject,
    timeText(row.seconds),
    rateText(row),
    ratioText(row),
    row.note ?? '',
  ]);
  const head = ['work', 'who', 'time', 'speed', 'ratio', ''];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)));
  const right = new Set([2, 3]);
  const line = (parts: readonly string[]) =>
    parts
      .map((part, i) => (right.has(i) ? part.padStart(widths[i]!) : part.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const body = cells.flatMap((parts, i) => {
    const begins = i === 0 || cells[i - 1]![0] !== parts[0];
    const text = line([begins ? parts[0]! : '', ...parts.slice(1)]);
    return begins && i > 0 ? ['', text] : [text];
  });
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

export function timeText(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(2)} ms` : `${(seconds * 1e6).toFixed(1)} µs`;
}

function rateText({ rate, unit }: Row): string {
  if (rate === undefined) return '';
  return `${rate >= 100 ? rate.toFixed(0) : rate >= 10 ? rate.toFixed(1) : rate.toFixed(2)} ${unit ?? ''}`.trimEnd();
}

function ratioText({ ratio, against, goal }: Row): string {
  if (ratio === undefined) return '';
  const judged = goal === undefined ? '' : ` (goal ${goal}×: ${ratio >= goal ? 'reached' : 'missed'})`;
  return `${ratio.toFixed(2)}× ${against ?? ''}`.trimEnd() + judged;
}
