import type { ConvolutionSpec } from '../operations/index.ts';
import type { Values } from '../values.ts';
import { backwardAxes, forwardAxes } from './convolution-plan.ts';
import type { Engine } from './engine.ts';

// Words of UpsampleArguments (assembly/upsample.ts), in order.
const slots = [
  ...(['dy', 'weights', 'dx', 'starts', 'taps', 'channels', 'kernelBytes', 'sourceHeight', 'sourceWidth'] as const),
  ...(['height', 'width', 'stride', 'stripRows', 'strips', 'firstRow', 'lines', 'left', 'pitch'] as const),
] as const;

/** Values of a strip's local copy: in the first cache. */
const localValues = 4096;

/** Whether a convolution's gradient of x goes by `upsample`: depthwise, over two axes, stride 2 along rows. */
export function paysUpsample({ x, w, stride }: ConvolutionSpec): boolean {
  return w.shape.length === 4 && w.shape[0] === x.shape[1] && w.shape[1] === 1 && stride[1] === 2;
}

/** The gradient of x, written whole: dx = dy ∗ w, as in Caffe's Deconvolution forward. */
export function upsample(engine: Engine, spec: ConvolutionSpec) {
  const [batch, channels, height, width] = spec.x.shape as [number, number, number, number];
  const [sourceHeight, sourceWidth] = spec.y.shape.slice(2) as [number, number];
  const [kernelHeight, kernelWidth] = spec.w.shape.slice(2) as [number, number];
  const [strideY, strideX] = spec.stride as [number, number];

  // Taps of each phase of rows (of two along a row): kernel index, and source from the phase's own position.
  const [down, across] = forwardAxes([height, width], [kernelHeight, kernelWidth], [sourceHeight, sourceWidth], spec);
  const phases = (axis: typeof down, step: number) =>
    Array.from({ length: step }, (_, phase) => {
      const [own] = backwardAxes([axis!])
        .flat()
        .filter(({ resultStart }) => resultStart === phase);
      return own?.taps ?? [];
    });
  const rows = phases(down, strideY);
  const columns = phases(across, strideX);
  const shifts = (taps: typeof rows) => [0, ...taps.flat().map(({ shift }) => shift)];
  const [lowest, highest] = [Math.min(...shifts(rows)), Math.max(...shifts(rows))];
  const [leftmost, rightmost] = [Math.min(...shifts(columns)), Math.max(...shifts(columns))];
  const steps = Math.ceil(width / strideX / 16) * 16;
  const pitch = Math.ceil((steps + rightmost - leftmost) / 4) * 4;

  const allRows = Math.ceil(height / strideY);
  const stripRows = Math.min(allRows, Math.max(8, Math.floor(localValues / pitch)));
  const strips = Math.ceil(allRows / stripRows);
  const lines = stripRows + highest - lowest;
  // A row of the source may be longer than what is read of it.
  engine.reserveWorkspace({ perThread: 4 * (lines * pitch + Math.max(0, sourceWidth - pitch) + 64) });

  const starts: number[] = [];
  const taps: number[] = [];
  for (const row of rows) {
    for (const column of columns) {
      starts.push(taps.length);
      for (const y of row) {
        for (const x of column) {
          const place = (y.shift - lowest) * pitch + x.shift - leftmost;
          taps.push(4 * place, 4 * (y.kernel * kernelWidth + x.kernel));
        }
      }
    }
  }
  starts.push(taps.length);
  const tables = { taps: engine.table(taps), starts: engine.table(starts.length) };
  tables.starts.words.set(starts.map((at) => tables.taps.address + 4 * at));

  const job = engine.job('upsample', slots, batch * channels * strips, 1);
  const { address, i32 } = job;
  address.starts = tables.starts.address;
  address.taps = tables.taps.address;
  i32.channels = channels;
  address.kernelBytes = 4 * kernelHeight * kernelWidth;
  i32.sourceHeight = sourceHeight;
  i32.sourceWidth = sourceWidth;
  i32.height = height;
  i32.width = width;
  i32.stride = strideY;
  i32.stripRows = stripRows;
  i32.strips = strips;
  i32.firstRow = lowest;
  i32.lines = lines;
  i32.left = -leftmost;
  address.pitch = 4 * pitch;
  return {
    tables,
    run(dy: Values, w: Values, _bias: undefined, dx: Values): void {
      address.dy = dy.readAddress;
      address.weights = w.readAddress;
      address.dx = dx.address;
      job.run();
    },
  };
}
