import type { JpegComponent, JpegHeader } from './header.ts';

/** How often chroma's samples must be enlarged. */
export interface Sampling {
  across: 1 | 2;
  down: 1 | 2;
}

/** Of one component (whatever factors it names, libjpeg takes it block by block) or three; undefined: left to libjpeg. */
export function samplingOf(components: readonly JpegComponent[]): Sampling | undefined {
  if (components.length === 1) return { across: 1, down: 1 };
  const text = components.map(({ horizontal, vertical }) => `${horizontal}${vertical}`).join(' ');
  if (text === '11 11 11') return { across: 1, down: 1 };
  if (text === '21 11 11') return { across: 2, down: 1 };
  return text === '22 11 11' ? { across: 2, down: 2 } : undefined;
}

/** A part of a picture, in pixels. */
export interface PixelWindow {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** A component's plane: whole blocks, and which of them hold samples that the window needs. */
export interface PlaneLayout {
  blocksAcross: number;
  blocksDown: number;
  /** Samples without padding. */
  width: number;
  height: number;
  stride: number;
  byteLength: number;
  columns: readonly [first: number, end: number];
  rows: readonly [first: number, end: number];
}

/** Planes of a picture. `withChroma` false: only luma is wanted. */
export function layoutPlanes(
  { width, height, components }: JpegHeader,
  { across, down }: Sampling,
  window: PixelWindow,
  withChroma: boolean,
): PlaneLayout[] {
  const mcusAcross = Math.ceil(width / (8 * across));
  const mcusDown = Math.ceil(height / (8 * down));
  return components.map((_, i) => {
    const [byX, byY] = i === 0 ? [1, 1] : [across, down];
    const blocksAcross = (mcusAcross * across) / byX;
    const blocksDown = (mcusDown * down) / byY;
    const stride = blocksAcross * 8;
    const isWanted = i === 0 || withChroma;
    return {
      ...{ blocksAcross, blocksDown, stride, width: Math.ceil(width / byX), height: Math.ceil(height / byY) },
      byteLength: stride * blocksDown * 8,
      columns: isWanted ? blocksOf(window.left, window.width, byX, blocksAcross) : [0, 0],
      rows: isWanted ? blocksOf(window.top, window.height, byY, blocksDown) : [0, 0],
    };
  });
}

/** Blocks that hold the samples of some pixels, with one more sample at both ends where chroma is enlarged. */
function blocksOf(start: number, length: number, factor: number, blocks: number): [number, number] {
  const more = factor - 1;
  const first = Math.max(0, Math.floor(start / factor) - more);
  const end = Math.floor((start + length - 1) / factor) + more + 1;
  return [first >> 3, Math.min(blocks, Math.ceil(end / 8))];
}
