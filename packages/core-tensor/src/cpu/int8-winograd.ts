import type { Int8ConvolutionSpec, Int8Operation } from '../operations/index.ts';
import type { Engine, Job } from './engine.ts';
import { type PlacedImages, paddedChannels } from './int8-images.ts';
import { rounderOf, type SumBounds } from './int8-rounding.ts';
import { fitWords, needsInputs, type Weights } from './int8-weights.ts';

const slots = [
  ...([
    'x',
    'y',
    'weights',
    'requantization',
    'blocks',
    'panels',
    'groups',
    'outputs',
    'xGroup',
    'panelsAtOnce',
  ] as const),
  ...(['itemTiles', 'items', 'tiles', 'tileColumns', 'rows', 'columns', 'xImage', 'xRow', 'xColumn'] as const),
  ...(['yImage', 'yRow', 'yColumn'] as const),
] as const;

const places = 36;
/** Bytes of transformed input, and of products, that one thread's second cache should hold. */
const inputBytes = 768 * 1024;
const productBytes = 256 * 1024;
/** Fewer channels do not pay for the transforms; transformed weights beyond this cost more than they save. */
const leastChannels = 8;
const leastPairs = 256;
const leastTiles = 4;
/** Dilated: places of tiles over places of the image. */
const mostWaste = 1.6;
const mostWeightBytes = 32 * 1024 * 1024;

/** Rows of G, each times its denominator. */
const kernelRows = [
  [1, 0, 0],
  [1, 1, 1],
  [1, -1, 1],
  [1, 2, 4],
  [1, -2, 4],
  [0, 0, 1],
] as const;

/** Tiles along an axis: a dilated convolution is one of every `dilation`-th place, for each place to begin at. */
const tilesOf = (length: number, dilation: number): number =>
  Array.from({ length: dilation }, (_, first) => Math.ceil(Math.max(0, length - first) / dilation / 4)).reduce(
    (sum, count) => sum + count,
    0,
  );

/** Whether a convolution has the form that tiles need; whether it is exact, the preparing finds out. */
export function mayTile({ x, y, transposed, kernel, stride, dilation, group, range }: Int8ConvolutionSpec): boolean {
  const isPlain = !transposed && [...kernel].every((k) => k === 3) && [...stride].every((one) => one === 1);
  const [inputs, outputs] = [x[1]! / group, y[1]! / group];
  const fitsVectors = group === 1 ? paddedChannels(inputs) >= 8 : inputs % 8 === 0;
  const [down, across] = [y[2]!, y[3]!];
  const tiles = tilesOf(down, dilation[0]) * tilesOf(across, dilation[1]);
  const areFull = (dilation[0] === 1 && dilation[1] === 1) || tiles * 16 <= mostWaste * down * across;
  const enough = inputs * outputs >= leastPairs && tiles >= leastTiles && areFull;
  const pays = Math.min(inputs, outputs) >= leastChannels && enough;
  if (!isPlain || !fitsVectors || !pays || places * 2 * inputs * y[1]! > mostWeightBytes) return false;
  // Bᵀ·d·B within 16 bits
  const [up, under] = [Math.max(0, range.high), Math.max(0, -range.low)];
  return Math.max(68 * up + 32 * under, 32 * up + 68 * under, 50 * (up + under)) <= 32767;
}

/** F(4×4, 3×3) by whole numbers (assembly/int8-winograd.ts); undefined where it would not be exact. */
export function int8Winograd(
  engine: Engine,
  { spec, weights, bounds }: { spec: Int8ConvolutionSpec; weights: Weights; bounds: readonly SumBounds[] },
  x: PlacedImages,
  y: PlacedImages,
): Int8Operation | undefined {
  const { group, pad, dilation, rounding } = spec;
  const { outputs, inputs } = weights;
  const blocks = Math.ceil(inputs / 8);
  const panels = Math.ceil(outputs / 8);
  // transformed weights are at most 49 times as large
  if (!bounds.every(({ sum }) => sum < 2 ** 25) || !fitWords(Array.from(spec.weights, (w) => 49 * w))) return undefined;
  const transformed = transform(weights, { group, blocks, panels });
  const channelPlaces = bounds.map((_, o) => Math.floor(o / outputs) * panels * 8 + (o % outputs));
  const [n, , rows, columns] = y.shape;
  const part = { rows: Math.ceil(rows / dilation[0]), columns: Math.ceil(columns / dilation[1]) };
  const most = Math.ceil(part.rows / 4) * Math.ceil(part.columns / 4);
  const itemTiles = Math.max(
    4,
    Math.min(64, Math.ceil(most / 4) * 4, Math.floor(inputBytes / (places * 64 * blocks)) * 4),
  );
  const panelsAtOnce = Math.max(1, Math.min(panels, Math.floor(productBytes / (places * itemTiles * 32))));
  const input = places * (itemTiles * blocks * 16 + 64);
  const products = places * (itemTiles * panelsAtOnce * 32 + 64);
  engine.reserveWorkspace({ perThread: 640 + 16 * panelsAtOnce * 32 + input + products });
  const table = engine.table(new Int32Array(transformed.buffer));
  const jobs: Job<(typeof slots)[number]>[] = [];
  for (let r = 0; r < Math.min(dilation[0], rows); r++) {
    for (let c = 0; c < Math.min(dilation[1], columns); c++) {
      const size = { rows: Math.ceil((rows - r) / dilation[0]), columns: Math.ceil((columns - c) / dilation[1]) };
      const tileColumns = Math.ceil(size.columns / 4);
      const tiles = Math.ceil(size.rows / 4) * tileColumns;
      const items = Math.ceil(tiles / itemTiles);
      const job = engine.job('int8Winograd', slots, n * items, 1);
      Object.assign(job.address, {
        ...{ x: x.address + (r - pad[0]) * x.row + (c - pad[1]) * x.column, xImage: x.image },
        ...{ xRow: x.row * dilation[0], xColumn: x.column * dilation[1] },
        ...{ y: y.address + r * y.row + c * y.column, yImage: y.image },
        ...{ yRow: y.row * dilation[0], yColumn: y.column * dilation[1], weights: table.address },
        ...{ blocks, panels, groups: group, outputs, xGroup: inputs * 2, panelsAtOnce },
        ...{ itemTiles, items, tiles, tileColumns, ...size },
      });
      jobs.push(job);
    }
  }
  const rounder = rounderOf(engine, jobs, bounds, { places: channelPlaces, width: group * panels * 8 });
  if (!rounder.round(rounding)) return undefined;
  return {
    run() {
      for (const job of jobs) job.run();
    },
    round: (next) => !needsInputs(next) && rounder.round(next),
    ...{ table },
  };
}

/** G·g·Gᵀ in whole numbers: [group][panel][36][pair][8 outputs][2]. */
function transform(weights: Weights, { group, blocks, panels }: { group: number; blocks: number; panels: number }) {
  const { inputs, outputs } = weights;
  const words = blocks * 8 * 8;
  const found = new Int16Array(group * panels * places * words);
  for (let o = 0; o < group * outputs; o++) {
    const j = (o % outputs) % 8;
    const panel = Math.floor(o / outputs) * panels + Math.floor((o % outputs) / 8);
    for (let c = 0; c < inputs; c++) {
      const g = [0, 1, 2].map((row) => [0, 1, 2].map((column) => weights.at(o, c, row, column)));
      kernelRows.forEach((down, k) => {
        const line = [0, 1, 2].map(
          (column) => down[0] * g[0]![column]! + down[1] * g[1]![column]! + down[2] * g[2]![column]!,
        );
        kernelRows.forEach((across, l) => {
          const value = across[0] * line[0]! + across[1] * line[1]! + across[2] * line[2]!;
          found[(panel * places + k * 6 + l) * words + (c >> 1) * 16 + j * 2 + (c & 1)] = value;
        });
      });
    }
  }
  return found;
}
