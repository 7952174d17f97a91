import { CaffeError, DetectNetGroundTruthParameter } from '@jacinto/proto';
import { roundHalfEven } from '../image/scale.ts';
import type { Box } from './boxes.ts';

/** Channels before those of the classes: foreground, x1, y1, x2, y2, 1/width, 1/height, object norm. */
const boxChannels = 8;
/** Share of a cell below which it counts as not covered (FLT_EPSILON). */
const leastShare = 2 ** -23;
const { GRIDBOX_MIN, GRIDBOX_MAX } = DetectNetGroundTruthParameter.GridboxType;

/** A rectangle in pixels. */
interface Edges {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Writes the coverage labels of pictures: channels, height, width of the grid. */
export class CoverageGrid {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  private readonly param: DetectNetGroundTruthParameter;
  /** Class of the label list → class of the labels. */
  private readonly classes: ReadonlyMap<number, number>;

  /** @throws CaffeError 'bad-value' naming the field that is out of its range. */
  constructor(param: DetectNetGroundTruthParameter) {
    check(param);
    this.param = param;
    const { objectClass, imageSizeX, imageSizeY, stride } = param;
    this.classes = new Map(objectClass.length === 0 ? [[1, 0]] : objectClass.map(({ src, dst }) => [src!, dst!]));
    this.channels = boxChannels + 1 + Math.max(...this.classes.values());
    this.height = roundHalfEven(imageSizeY / stride);
    this.width = roundHalfEven(imageSizeX / stride);
    for (const [field, cells, pixels] of [
      ['image_size_x', this.width, imageSizeX],
      ['image_size_y', this.height, imageSizeY],
    ] as const) {
      if (cells < 1) throw bad(field, `is ${pixels}, less than a cell of stride ${stride}`, `use ${stride} or more`);
    }
  }

  /** Writes C,H,W: where boxes meet, the later one wins. */
  write(out: Float32Array, boxes: readonly Box[]): void {
    out.fill(0);
    for (const box of boxes) {
      const channel = this.classes.get(box.classNumber);
      const edges = this.visible(box);
      if (channel !== undefined && areaOf(edges) >= leastShare) this.writeBox(out, edges, boxChannels + channel);
    }
  }

  private visible({ x, y, width, height }: Box): Edges {
    const whole = { left: x, top: y, right: x + width, bottom: y + height };
    const { cropBboxes, imageSizeX, imageSizeY } = this.param;
    return cropBboxes ? intersection(whole, { left: 0, top: 0, right: imageSizeX, bottom: imageSizeY }) : whole;
  }

  /** The part of a box whose cells learn it: about its middle, smaller than the box. */
  private covered({ left, top, right, bottom }: Edges): Edges {
    const { scaleCvg, gridboxType, minCvgLen, maxCvgLen } = this.param;
    const half = (length: number): number => {
      const scaled = length * scaleCvg;
      return (
        (gridboxType === GRIDBOX_MIN ? Math.min(length, Math.max(minCvgLen, scaled)) : Math.min(maxCvgLen, scaled)) / 2
      );
    };
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const [halfWidth, halfHeight] = [half(right - left), half(bottom - top)];
    return { left: x - halfWidth, top: y - halfHeight, right: x + halfWidth, bottom: y + halfHeight };
  }

  private writeBox(out: Float32Array, box: Edges, classChannel: number): void {
    const { stride, objNorm } = this.param;
    const covered = this.covered(box);
    const share = (stride * stride) / areaOf(covered);
    const norm = objNorm ? share : Math.max(1, share);
    const cells = this.height * this.width;
    const lastRow = Math.min(this.height, Math.ceil(covered.bottom / stride));
    const lastColumn = Math.min(this.width, Math.ceil(covered.right / stride));
    for (let row = Math.max(0, Math.floor(covered.top / stride)); row < lastRow; row++) {
      for (let column = Math.max(0, Math.floor(covered.left / stride)); column < lastColumn; column++) {
        const [left, top] = [column * stride, row * stride];
        const cell = { left, top, right: left + stride, bottom: top + stride };
        if (areaOf(intersection(cell, covered)) <= leastShare * stride * stride) continue;
        const at = row * this.width + column;
        const size = [1 / (box.right - box.left), 1 / (box.bottom - box.top)];
        const values = [1, box.left - left, box.top - top, box.right - left, box.bottom - top, ...size, norm];
        values.forEach((value, channel) => {
          out[channel * cells + at] = value;
        });
        for (let channel = boxChannels; channel < this.channels; channel++) out[channel * cells + at] = 0;
        out[classChannel * cells + at] = 1;
      }
    }
  }
}

function intersection(a: Edges, b: Edges): Edges {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  };
}

/** 0 where a side is negative. */
function areaOf({ left, top, right, bottom }: Edges): number {
  return Math.max(0, right - left) * Math.max(0, bottom - top);
}

function check(param: DetectNetGroundTruthParameter): void {
  const max = param.gridboxType === GRIDBOX_MAX;
  for (const [field, value] of [
    ['stride', param.stride],
    ['image_size_x', param.imageSizeX],
    ['image_size_y', param.imageSizeY],
    ...(max ? [['max_cvg_len', param.maxCvgLen] as const] : []),
  ] as const) {
    if (!(value >= 1)) throw bad(field, `is ${value}`, 'use 1 or more');
  }
  if (!(param.scaleCvg > 0 && param.scaleCvg < Infinity)) {
    throw bad('scale_cvg', `is ${param.scaleCvg}`, 'use the share of a box’s sides that is covered, above 0');
  }
}

function bad(field: string, problem: string, fix: string): CaffeError {
  return new CaffeError({ code: 'bad-value', field: `detectnet_groundtruth_param.${field}`, problem, fix });
}
