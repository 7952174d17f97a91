import type { IntegerTotals } from '../integer/totals.ts';
import type { LayerReport, Measured } from './measure.ts';
import type { WeightReport } from './quantize-weights.ts';
import type { SweepRow } from './sweep.ts';

/** Columns of text under their titles; numbers, which start with a digit or sign, to the right. */
export function textTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c]!.length)));
  const right = titles.map((_, c) => rows.length > 0 && rows.every((row) => /^(-?[\d.]|–$|inf$)/.test(row[c]!)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => (right[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd();
  return `${[line(titles), ...rows.map(line)].join('\n')}\n`;
}

const number = (value: number, digits = 5): string => String(Number(value.toPrecision(digits)));

/** dB with one digit; – where nothing was measured. */
export function decibelText(value: number): string {
  if (Number.isNaN(value)) return '–';
  return Number.isFinite(value) ? value.toFixed(1) : 'inf';
}

const byChannel = (kind: string, channels: number | undefined): string =>
  channels === undefined ? kind : `${kind}, ${channels} scales`;

/** One line a quantized blob: range, scale, offset, signal-to-noise ratio. */
export function layerTable(layers: readonly LayerReport[]): string {
  const titles = ['layer', 'type', 'what', 'bits', 'min', 'max', 'scale', 'offset', 'SNR dB'];
  const rows = layers.map(({ layer, type, kind, channels, bitwidth, unsigned, min, max, scale, offset, snr }) => [
    ...[layer, type, byChannel(kind, channels), `${bitwidth}${unsigned ? 'u' : ''}`, number(min), number(max)],
    ...[number(scale), number(offset), decibelText(snr)],
  ]);
  return textTable(titles, rows);
}

/** One line a blob of a caffemodel. */
export function weightTable(blobs: readonly WeightReport[]): string {
  const titles = ['layer', 'type', 'what', 'values', 'bits', 'min', 'max', 'scale', 'offset', 'SNR dB'];
  const rows = blobs.map(({ layer, type, blob, channels, count, bitwidth, min, max, scale, offset, snr }) => [
    ...[
      layer,
      type,
      byChannel(blob === 0 ? 'weights' : 'bias', channels),
      String(count),
      String(bitwidth),
      number(min),
      number(max),
    ],
    ...[number(scale), number(offset), decibelText(snr)],
  ]);
  return textTable(titles, rows);
}

/** Whole numbers against the simulation, one line an output; which layers disagree, and what a device must mind. */
export function integerTable({ layers, floatLayers, wideLayers, slowLayers, ...shares }: IntegerTotals): string {
  const titles = ['layer', 'type', 'values', 'alone: differ', 'by at most', 'whole net: differ', 'by at most'];
  const rows = layers.map(({ layer, type, count, differing, worst, differingThrough, worstThrough }) => [
    ...[layer, type, ...[count, differing, worst, differingThrough, worstThrough].map(String)],
  ]);
  const apart = layers.filter(({ worst }) => worst > 1).map(({ layer }) => layer);
  const lines = [
    `integers against the simulation, in codes:\n${textTable(titles, rows)}`,
    apart.length === 0
      ? 'every layer agrees within one code'
      : `layers that differ by more than one code: ${apart.join(', ')}`,
    tiesText(layers),
    floatLayers.length === 0 ? undefined : `layers left in float: ${floatLayers.join(', ')}`,
    wideLayers.length === 0 ? undefined : `layers whose sums need more than 32 bits: ${wideLayers.join(', ')}`,
    slowLayers.length === 0 ? undefined : `layers without a fast kernel: ${slowLayers.join(', ')}`,
    Number.isNaN(shares.sameClass)
      ? undefined
      : `same class as the simulation: ${Math.round(shares.sameClass * shares.items)} of ${shares.items}`,
    Number.isNaN(shares.right) ? undefined : rightText(shares),
  ];
  return `${lines.filter((line) => line !== undefined).join('\n')}\n`;
}

/** What of the differences is the simulation's own rounding. */
function tiesText(layers: IntegerTotals['layers']): string | undefined {
  const sum = (of: 'differing' | 'byFloat'): number => layers.reduce((total, layer) => total + layer[of], 0);
  if (sum('differing') === 0) return undefined;
  const most = Math.max(...layers.map(({ fromTie }) => fromTie));
  const where = sum('byFloat') === 0 ? '' : `, at most ${number(most, 2)} codes from it`;
  return `of the ${sum('differing')} that differ alone, float sums of the simulation were rounded across a tie: ${sum('byFloat')}${where}`;
}

function rightText({
  right,
  rightSimulated,
  rightFloat,
}: Pick<IntegerTotals, 'right' | 'rightSimulated' | 'rightFloat'>): string {
  const points = number((right - rightSimulated) * 100, 3);
  const shares = [rightFloat, rightSimulated, right].map((share) => number(share));
  return `right class: float ${shares[0]}, simulation ${shares[1]}, integers ${shares[2]} (${points} points from the simulation)`;
}

/** Scores of the float net beside those of the quantized one, and the sizes. */
export function scoreTable({ scores, outputSnr, bytes, floatBytes }: Measured): string {
  const rows = scores.map(({ name, exact, quantized }) => {
    return [name, number(exact), number(quantized), number(quantized - exact, 3)];
  });
  const table = rows.length === 0 ? '' : `${textTable(['output', 'float', 'quantized', 'change'], rows)}\n`;
  const ratio = bytes === 0 ? '' : `, ${number(floatBytes / bytes, 3)} times smaller`;
  return `${table}SNR of the last quantized output: ${decibelText(outputSnr)} dB\nsize of the weights: ${floatBytes} → ${bytes} bytes${ratio}\n`;
}

/** One line a setting: scores and SNR against the size. */
export function sweepTable(rows: readonly SweepRow[]): string {
  const names = rows[0]?.measured.scores.map(({ name }) => name) ?? [];
  const titles = ['bits', 'options', ...names.flatMap((name) => [name, 'change']), 'SNR dB', 'bytes'];
  return textTable(
    titles,
    rows.map(({ bits, option, measured }) => [
      ...[String(bits), option],
      ...measured.scores.flatMap(({ exact, quantized }) => [number(quantized), number(quantized - exact, 3)]),
      ...[decibelText(measured.outputSnr), String(measured.bytes)],
    ]),
  );
}
