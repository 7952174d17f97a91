import type { LayerReport } from './measure.ts';
import { decibelText } from './table.ts';

/** What a bar needs; LayerReport and WeightReport have it. */
export type DrawnBlob = Pick<LayerReport, 'layer' | 'bitwidth' | 'min' | 'max' | 'snr'> & {
  kind?: string;
  blob?: number;
};

const row = 18;
/** Room for names: a letter of 11 px is at most so wide on average. */
const letter = 6.2;
const barWidth = 300;
const gap = 40;
const rangeWidth = 300;
const top = 46;
/** 60 dB: what 10 bits give; longer bars are cut. */
const fullScale = 60;

const colours: Record<string, string> = { weights: '#3b6ea8', bias: '#8aa9cf', input: '#9a7bb5', output: '#d08a2e' };

/** An SVG picture: for each quantized blob a bar of its signal-to-noise ratio, and its range on a logarithmic scale. */
export function drawLayers(title: string, blobs: readonly DrawnBlob[]): string {
  const names = blobs.map((blob) => `${blob.layer} · ${kindOf(blob)} · ${blob.bitwidth} bit`);
  const left = Math.ceil(Math.max(212, ...names.map((name) => name.length * letter))) + 8;
  const width = left + barWidth + gap + rangeWidth + 70;
  const height = top + row * blobs.length + 20;
  const rangeLeft = left + barWidth + gap + 40;
  const lines = blobs.map((blob, i) => {
    const y = top + i * row;
    const colour = colours[kindOf(blob)] ?? '#777';
    const length = Number.isNaN(blob.snr) ? 0 : Math.max(0, Math.min(1, blob.snr / fullScale)) * barWidth;
    const [from, to] = [position(blob.min), position(blob.max)].map((p) => rangeLeft + p * rangeWidth) as [
      number,
      number,
    ];
    return [
      `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escaped(names[i]!)}</text>`,
      `<rect x="${left}" y="${y + 2}" width="${length.toFixed(1)}" height="${row - 5}" fill="${colour}"/>`,
      `<text x="${(left + length + 4).toFixed(1)}" y="${y + 12}">${decibelText(blob.snr)}</text>`,
      `<rect x="${from.toFixed(1)}" y="${y + 5}" width="${Math.max(1, to - from).toFixed(1)}" height="${row - 11}" fill="${colour}"/>`,
    ].join('');
  });
  const zero = rangeLeft + 0.5 * rangeWidth;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="white"/>
<text x="10" y="18" font-size="14">${escaped(title)}</text>
<text x="${left}" y="${top - 8}">signal-to-noise ratio, dB (full bar: ${fullScale})</text>
<text x="${rangeLeft}" y="${top - 8}">range, logarithmic on both sides of 0</text>
<line x1="${zero}" y1="${top}" x2="${zero}" y2="${height - 16}" stroke="#bbb"/>
${lines.join('\n')}
</svg>
`;
}

const kindOf = ({ kind, blob }: DrawnBlob): string => kind ?? (blob === 0 ? 'weights' : 'bias');

/** 0 … 1 for −10⁴ … 10⁴, 0.5 for all below 10⁻⁴. */
function position(value: number): number {
  const decades = Math.max(0, Math.min(8, Math.log10(Math.abs(value)) + 4));
  return 0.5 + (Math.sign(value) * (Number.isNaN(decades) ? 0 : decades)) / 16;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
