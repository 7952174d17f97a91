import type { Operations } from '../backend.ts';
import type { PoolingSpec } from '../operations/index.ts';
import type { Engine } from './engine.ts';
import { grainOf } from './grain.ts';

const slots = [
  'x',
  'y',
  'mask',
  'height',
  'width',
  'outHeight',
  'outWidth',
  'kernelH',
  'kernelW',
  'strideH',
  'strideW',
  'padH',
  'padW',
  'innerBegin',
  'innerEnd',
  'ranges',
] as const;

/** Kernels for this shape: general ones, and those for a window as large as the image, and 1×1 and 2×2 side by side. */
function kernelsOf({ method, x, y, kernel, stride, pad }: PoolingSpec): [forward: string, backward: string] {
  const [height, width] = [x.shape[2]!, x.shape[3]!];
  const [outHeight, outWidth] = [y.shape[2]!, y.shape[3]!];
  const plain = pad[0] === 0 && pad[1] === 0;
  if (method === 'average') {
    const global = plain && outHeight === 1 && outWidth === 1 && kernel[0] === height && kernel[1] === width;
    return global && height * width > 0
      ? ['poolingAverageGlobal', 'poolingAverageGlobalBackward']
      : ['poolingAverage', 'poolingAverageBackward'];
  }
  if (plain && [...kernel, ...stride].every((length) => length === 1)) return ['poolingMax', 'poolingMaxOneBackward'];
  const pairs = plain && [...kernel, ...stride].every((length) => length === 2);
  const covers = height === 2 * outHeight && width === 2 * outWidth;
  return pairs && covers ? ['poolingMax2', 'poolingMax2Backward'] : ['poolingMax', 'poolingMaxBackward'];
}

/** Columns of y whose windows lie inside the image's width: those that vectors may compute. */
function innerColumns({ x, y, kernel, stride, pad }: PoolingSpec): [begin: number, end: number] {
  const [width, outWidth] = [x.shape[3]!, y.shape[3]!];
  const begin = Math.min(outWidth, Math.ceil(pad[1] / stride[1]));
  const end = Math.max(begin, Math.min(outWidth, Math.floor((width + pad[1] - kernel[1]) / stride[1]) + 1));
  // Wide strides: whole vectors only, since the lanes left over would be loaded from far behind the end.
  return [begin, stride[1] > 2 ? begin + ((end - begin) & ~3) : end];
}

/** For each kernel column: the first window, and the end of those, that have it inside the image's width. */
function columnRanges({ x, y, kernel, stride, pad }: PoolingSpec): number[] {
  const [width, outWidth] = [x.shape[3]!, y.shape[3]!];
  return Array.from({ length: kernel[1] }, (_, w) => {
    const shift = w - pad[1]; // window k covers column k·stride + shift
    const begin = Math.max(0, Math.ceil(-shift / stride[1]));
    const end = Math.min(outWidth, Math.ceil((width - shift) / stride[1]));
    return [begin, end];
  }).flat();
}

export function poolingOn(engine: Engine): Operations['pooling'] {
  return (spec) => {
    const { x: xSpec, y: ySpec, kernel, stride, pad } = spec;
    const planes = xSpec.shape[0]! * xSpec.shape[1]!;
    const [height, width] = [xSpec.shape[2]!, xSpec.shape[3]!];
    const [innerBegin, innerEnd] = innerColumns(spec);
    // Rows, with room before and behind for windows outside the image and for what vectors load and store there.
    engine.reserveWorkspace({ perThread: 4 * (2 * width + ySpec.shape[3]! + kernel[1] + pad[1]) + 512 });
    const ranges = engine.table(columnRanges(spec));
    const jobs = kernelsOf(spec).map((name) => {
      const job = engine.job(name, slots, planes, grainOf(height * width));
      job.i32.height = height;
      job.i32.width = width;
      job.i32.outHeight = ySpec.shape[2]!;
      job.i32.outWidth = ySpec.shape[3]!;
      [job.i32.kernelH, job.i32.kernelW] = kernel;
      [job.i32.strideH, job.i32.strideW] = stride;
      [job.i32.padH, job.i32.padW] = pad;
      job.i32.innerBegin = innerBegin;
      job.i32.innerEnd = innerEnd;
      job.address.ranges = ranges.address;
      return Object.assign(job, { table: ranges }); // the table lives as long as the job
    });
    const [forward, backward] = [jobs[0]!, jobs[1]!];
    const masked = spec.method === 'max';
    return {
      forward(x, y, mask) {
        forward.address.x = x.address;
        forward.address.y = y.address;
        forward.address.mask = masked && mask !== undefined ? mask.address : 0;
        forward.run();
      },
      backward(dy, dx, mask) {
        backward.address.x = dx.address;
        backward.address.y = dy.address;
        backward.address.mask = masked ? mask!.address : 0;
        backward.run();
      },
    };
  };
}
