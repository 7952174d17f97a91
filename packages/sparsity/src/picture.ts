import { formatG } from './format-g.ts';
import type { SparsityTable } from './table.ts';

const rowHeight = 22;
/** Room for words: a letter of 12 px is at most so wide on average. */
const letter = 6.8;
const barWidth = 400;

/** The table as a picture: a bar a layer, as long as its share of zeros; its number of weights beside it. An SVG file's text. */
export function sparsityPicture({ rows, zeros, count, sparsity }: SparsityTable, title = 'Sparsity by layer'): string {
  const height = (rows.length + 1) * rowHeight + 70;
  const names = rows.map(({ name }) => name.replace(/_param_0$/, ''));
  const words = rows.map((row) => shareOf(row.zeros / row.count, String(row.count)));
  const total = shareOf(sparsity, `${count} (${zeros} zeros)`);
  const left = roomFor(names, 212) + 8;
  const width = left + barWidth + 16 + roomFor([...words, total], 84);
  const bar = (name: string, share: number, words: string, row: number, fill: string): string => {
    const y = 50 + row * rowHeight;
    const filled = Number.isFinite(share) ? Math.round(share * barWidth) : 0;
    return [
      `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${left}" y="${y}" width="${barWidth}" height="15" fill="#e4e7eb"/>`,
      `<rect x="${left}" y="${y}" width="${filled}" height="15" fill="${fill}"/>`,
      `<text x="${left + barWidth + 8}" y="${y + 12}">${words}</text>`,
    ].join('');
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="28" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...rows.map((row, i) => bar(names[i]!, row.zeros / row.count, words[i]!, i, '#3b7dd8')),
    bar('total', sparsity, total, rows.length, '#23405f'),
    '</svg>\n',
  ].join('\n');
}

const shareOf = (share: number, of: string): string => `${formatG(share, 3)} of ${of}`;

const roomFor = (texts: readonly string[], least: number): number =>
  Math.ceil(Math.max(least, ...texts.map((text) => text.length * letter)));

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
