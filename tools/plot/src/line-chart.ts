import { CaffeError } from '@jacinto/proto/errors';
import { type Palette, paperPalette } from './palette.ts';
import { textPath as pathOf, type TextOptions, textWidth } from './text.ts';
import { niceTicks, tickText } from './ticks.ts';

/** A line of a chart. Points whose y is not finite break the line. */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Which vertical axis it is read on; default left. */
  axis?: 'left' | 'right';
  /** A colour, or which of the palette's lines; default: the palette's in turn. */
  color?: string | number;
  /** Draws a dot at each point; for few points. */
  dots?: boolean;
  /** A thin, pale line: raw values under their mean. */
  faint?: boolean;
}

export interface ChartOptions {
  title?: string;
  xLabel?: string;
  yLabel?: string;
  /** Label of the right axis. */
  y2Label?: string;
  /** Ends of an axis; default: what the points need, from 0 where they come near it. */
  yRange?: readonly [number, number];
  y2Range?: readonly [number, number];
  /** Pixels; default 760×420. */
  width?: number;
  height?: number;
  /** Default dark on white. */
  palette?: Palette;
}

interface Scale {
  ticks: number[];
  at(value: number): number;
}

/** A line chart as SVG text, with axes, grid, labels and a legend. @throws CaffeError 'bad-value' without any point. */
export function lineChart(series: readonly Series[], options: ChartOptions = {}): string {
  const { width = 760, height = 420, palette = paperPalette } = options;
  const drawn = series.filter(({ points }) => points.some(isFinitePoint));
  if (drawn.length === 0) {
    throw new CaffeError({ code: 'bad-value', field: 'series', problem: 'hold no finite point', fix: 'give one' });
  }
  const hasRight = drawn.some(({ axis }) => axis === 'right');
  const box = {
    left: 64,
    right: width - (hasRight ? 64 : 24),
    top: options.title === undefined ? 40 : 64,
    bottom: height - 52,
  };
  const x = scale(valuesOf(drawn, 0), box.left, box.right, 8, undefined, false);
  const y = scale(valuesOf(drawn, 1, 'left'), box.bottom, box.top, 5, options.yRange, true);
  const y2 = scale(valuesOf(drawn, 1, 'right'), box.bottom, box.top, 5, options.y2Range, true);
  const parts = [`<rect width="${width}" height="${height}" fill="${palette.background}"/>`];
  const textPath: TextPath = (text, place) => pathOf(text, { color: palette.ink, ...place });
  if (options.title !== undefined) parts.push(textPath(options.title, { x: box.left, y: 26, size: 17 }));
  parts.push(
    ...grid(x, y, box, palette, textPath),
    ...(hasRight ? rightAxis(y2, box, palette, textPath) : []),
    ...labels(options, box, { width, height, hasRight }, textPath),
  );
  drawn.forEach((one, i) => {
    parts.push(...line(one, x, one.axis === 'right' ? y2 : y, colorOf(one, i, palette)));
  });
  parts.push(...legend(drawn, box, palette, textPath));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${parts.join('')}</svg>`;
}

type TextPath = (text: string, place: TextOptions) => string;

function colorOf({ color }: Series, i: number, { lines }: Palette): string {
  return typeof color === 'number' ? lines[color % lines.length]! : (color ?? lines[i % lines.length]!);
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function isFinitePoint(point: readonly [number, number]): boolean {
  return Number.isFinite(point[0]) && Number.isFinite(point[1]);
}

function valuesOf(series: readonly Series[], index: 0 | 1, axis?: 'left' | 'right'): number[] {
  const chosen = axis === undefined ? series : series.filter((one) => (one.axis ?? 'left') === axis);
  return chosen.flatMap(({ points }) => points.filter(isFinitePoint).map((point) => point[index]));
}

/** `padded`: whether the axis runs on to the next round number; the x axis ends with its data. */
function scale(
  values: readonly number[],
  from: number,
  to: number,
  count: number,
  range: readonly [number, number] | undefined,
  padded: boolean,
): Scale {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const [begin, end] = range ?? [low > 0 && low < high / 2 ? 0 : low, high];
  const all = niceTicks(begin, end, count);
  const [first, last] =
    padded && range === undefined ? [all[0]!, all.at(-1)!] : [begin, begin === end ? begin + 1 : end];
  return {
    ticks: all.filter((tick) => tick >= first - 1e-9 && tick <= last + (last - first) * 1e-9),
    at: (value) => from + ((value - first) / (last - first)) * (to - from),
  };
}

function grid(x: Scale, y: Scale, { left, right, top, bottom }: Box, palette: Palette, textPath: TextPath): string[] {
  const parts: string[] = [];
  for (const tick of y.ticks) {
    const at = y.at(tick).toFixed(1);
    parts.push(`<path d="M${left} ${at}H${right}" stroke="${palette.grid}"/>`);
    parts.push(textPath(tickText(tick), { x: left - 8, y: Number(at) + 4, anchor: 'end' }));
  }
  for (const tick of x.ticks) {
    const at = x.at(tick).toFixed(1);
    parts.push(`<path d="M${at} ${bottom}v5" stroke="${palette.axis}"/>`);
    parts.push(textPath(tickText(tick), { x: Number(at), y: bottom + 19, anchor: 'middle' }));
  }
  parts.push(`<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="${palette.axis}"/>`);
  return parts;
}

function rightAxis(y2: Scale, { right, top, bottom }: Box, palette: Palette, textPath: TextPath): string[] {
  const parts = [`<path d="M${right} ${top}V${bottom}" stroke="${palette.axis}"/>`];
  for (const tick of y2.ticks) {
    const at = y2.at(tick);
    parts.push(`<path d="M${right} ${at.toFixed(1)}h5" stroke="${palette.axis}"/>`);
    parts.push(textPath(tickText(tick), { x: right + 9, y: at + 4 }));
  }
  return parts;
}

function labels(
  options: ChartOptions,
  box: Box,
  { width, height, hasRight }: { width: number; height: number; hasRight: boolean },
  textPath: TextPath,
): string[] {
  const middle = (box.top + box.bottom) / 2;
  const parts: string[] = [];
  const { xLabel, yLabel, y2Label } = options;
  if (xLabel !== undefined)
    parts.push(textPath(xLabel, { x: (box.left + box.right) / 2, y: height - 12, anchor: 'middle' }));
  if (yLabel !== undefined) parts.push(textPath(yLabel, { x: 18, y: middle, anchor: 'middle', rotate: -90 }));
  if (y2Label !== undefined && hasRight) {
    parts.push(textPath(y2Label, { x: width - 14, y: middle, anchor: 'middle', rotate: 90 }));
  }
  return parts;
}

function line({ points, dots, faint }: Series, x: Scale, y: Scale, color: string): string[] {
  let path = '';
  let open = false;
  const marks: string[] = [];
  for (const point of points) {
    if (!isFinitePoint(point)) {
      open = false;
      continue;
    }
    const at = `${x.at(point[0]).toFixed(1)} ${y.at(point[1]).toFixed(1)}`;
    path += `${open ? 'L' : 'M'}${at}`;
    open = true;
    if (dots) marks.push(`<circle cx="${at.split(' ')[0]}" cy="${at.split(' ')[1]}" r="3.5" fill="${color}"/>`);
  }
  const style = faint ? 'stroke-width="1" stroke-opacity="0.35"' : 'stroke-width="2"';
  return [`<path d="${path}" fill="none" stroke="${color}" stroke-linejoin="round" ${style}/>`, ...marks];
}

function legend(series: readonly Series[], { left, top }: Box, palette: Palette, textPath: TextPath): string[] {
  let x = left;
  return series.flatMap((one, i) => {
    const { name, faint } = one;
    const stroke = colorOf(one, i, palette);
    const at = x;
    x += 28 + textWidth(name) + 22;
    const opacity = faint ? ' stroke-opacity="0.4"' : '';
    return [
      `<path d="M${at} ${top - 16}h22" stroke="${stroke}" stroke-width="3"${opacity}/>`,
      textPath(name, { x: at + 28, y: top - 12 }),
    ];
  });
}
