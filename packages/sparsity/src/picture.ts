import { formatG } from './format-g.ts';
import type { SparsityTable } from './table.ts';

const width = 720;
const rowHeight = 22;
const left = 220;
const barWidth = 400;

/** The table as a picture: a bar a layer, as long as its share of zeros; its number of weights beside it. An SVG file's text. */
export function sparsityPicture({ rows, zeros, count, sparsity }: SparsityTable, title = 'Sparsity by layer'): string {
  const height = (rows.length + 1) * rowHeight + 70;
  const bar = (name: string, share: number, of: string, row: number, fill: string): string => {
    const y = 50 + row * rowHeight;
    const filled = Number.isFinite(share) ? Math.round(share * barWidth) : 0;
    return [
      `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${left}" y="${y}" width="${barWidth}" height="15" fill="#e4e7eb"/>`,
      `<rect x="${left}" y="${y}" width="${filled}" height="15" fill="${fill}"/>`,
      `<text x="${left + barWidth + 8}" y="${y + 12}">${formatG(share, 3)} of ${of}</text>`,
    ].join('');
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="28" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...rows.map((row, i) =>
      bar(row.name.replace(/_param_0$/, ''), row.zeros / row.count, String(row.count), i, '#3b7dd8'),
    ),
    bar('total', sparsity, `${count} (${zeros} zeros)`, rows.length, '#23405f'),
    '</svg>\n',
  ].join('\n');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
