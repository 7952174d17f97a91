// Geometry of a convolution as the kernels see it: a table of rows to copy into a local, padded piece of the input, and
// a table of offsets in it. Forward and gradient of x are the same walk with other axes, for any number of them.

/** One spatial axis of a walk: result position e reads source positions e·step + shift for each shift. */
export interface Axis {
  /** Length of the source, and number of result positions. */
  source: number;
  count: number;
  step: number;
  /** Length of the kernel, and the taps used: kernel index, and its shift. */
  kernel: number;
  taps: readonly { kernel: number; shift: number }[];
  /** Where position e lies in the result: e·resultStep + resultStart of resultLength. */
  resultStep: number;
  resultStart: number;
  resultLength: number;
}

/** Local copy and offsets, in values (the kernels want bytes). */
export interface Plan {
  /** Kernel indices of the taps, flattened, in the order the offsets take. */
  tapKernels: number[];
  /** Channels in a local copy; the rest follow in further passes. */
  blockChannels: number;
  strips: number;
  /** Steps of the outermost axis in x and in y from strip to strip. */
  stripOuter: number;
  yStrip: number;
  firstOuter: number;
  /** Length of the outermost axis in x, and step of the last one. */
  outer: number;
  step: number;
  rows: number[];
  rowCount: number;
  lastRowCount: number;
  segments: number[];
  rowLength: number;
  planeLength: number;
  offsets: number[];
  /** Vectors of four results: local offsets of their first positions, places in the result, lanes in use. */
  bases: number[];
  places: number[];
  lanes: number[];
  vectorCount: number;
  lastVectorCount: number;
  /** Values from lane to lane in the result. */
  laneStep: number;
}

/** Depth (channels × taps) of a pass: a panel of weights stays in the first cache. */
const passDepth = 320;
/** Values of a local copy: half of a usual second cache. */
const localValues = 48 * 1024;

/** The axes of the forward walk. */
export function forwardAxes(
  source: readonly number[],
  kernel: readonly number[],
  result: readonly number[],
  { stride, pad, dilation }: { stride: readonly number[]; pad: readonly number[]; dilation: readonly number[] },
): Axis[] {
  return source.map((length, i) => ({
    source: length,
    count: result[i]!,
    step: stride[i]!,
    kernel: kernel[i]!,
    taps: range(kernel[i]!).map((k) => ({ kernel: k, shift: k * dilation[i]! - pad[i]! })),
    resultStep: 1,
    resultStart: 0,
    resultLength: result[i]!,
  }));
}

/**
 * The walks that together give the gradient of x: positions of x that are equal modulo the stride meet the same taps, so
 * each such phase is a walk over dy with step 1. A phase without taps has gradient zero and is left out.
 */
export function backwardAxes(forward: readonly Axis[]): Axis[][] {
  return forward.reduce<Axis[][]>(
    (walks, axis) => {
      const phases = range(axis.step).flatMap((phase) => {
        const count = Math.ceil((axis.source - phase) / axis.step);
        const taps = axis.taps
          .filter(({ shift }) => (((phase - shift) % axis.step) + axis.step) % axis.step === 0)
          .map(({ kernel, shift }) => ({ kernel, shift: (phase - shift) / axis.step }));
        if (count <= 0 || taps.length === 0) return [];
        return [
          {
            source: axis.count,
            count,
            step: 1,
            kernel: axis.kernel,
            taps,
            resultStep: axis.step,
            resultStart: phase,
            resultLength: axis.source,
          },
        ];
      });
      return walks.flatMap((walk) => phases.map((phase) => [...walk, phase]));
    },
    [[]],
  );
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** All index tuples of a shape, last axis fastest. */
function tuples(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((all, length) => all.flatMap((t) => range(length).map((i) => [...t, i])), [[]]);
}

/** Values from one step to the next of each axis. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

const dummyAxis: Axis = {
  source: 1,
  count: 1,
  step: 1,
  kernel: 1,
  taps: [{ kernel: 0, shift: 0 }],
  resultStep: 1,
  resultStart: 0,
  resultLength: 1,
};

/** Length up to which a plane is taken as one line where kernels are 1×1. */
const lineLength = 1024;

/**
 * Plans a walk with `channels` source channels a group. `overlap`: the last vector of a line may begin earlier and
 * repeat results of the one before, so that all its lanes are in use (legal where results are written once).
 */
export function planWalk(spatial: readonly Axis[], channels: number, overlap = false): Plan {
  // There are always an outermost axis to cut into strips and a last one to take vectors along.
  const axes = [dummyAxis, dummyAxis, ...spatial].slice(-Math.max(2, spatial.length));
  const total = axes.reduce((product, axis) => product * axis.count, 1);
  const isLine = axes.every(isPointwise) && axes.at(-1)!.count % 4 !== 0 && total <= lineLength;
  const line = { ...dummyAxis, source: total, count: total, resultLength: total };
  return planAxes(isLine ? [...axes.slice(0, -1).map(() => dummyAxis), line] : axes, channels, overlap);
}

/** Whether results are at the places of their only sources. */
function isPointwise({ source, count, step, taps, resultStep, resultLength }: Axis): boolean {
  const isOnly = taps.length === 1 && taps[0]!.shift === 0;
  return isOnly && step === 1 && resultStep === 1 && count === source && count === resultLength;
}

function planAxes(axes: readonly Axis[], channels: number, overlap: boolean): Plan {
  const last = axes.at(-1)!;
  const outerAxes = axes.slice(0, -1);
  const first = axes[0]!;
  const least = axes.map(({ taps }) => Math.min(...taps.map((tap) => tap.shift)));
  const reach = axes.map(({ taps }, i) => Math.max(...taps.map((tap) => tap.shift)) - least[i]!);

  // Rows: the last axis, split by phase of its step; whole vectors of results may read beyond the last position.
  const width = Math.ceil(last.count / 4) * 4;
  const lastTaps = last.taps.map(({ shift }) => shift - least.at(-1)!);
  const phases = [...new Set(lastTaps.map((t) => t % last.step))].sort((a, b) => a - b);
  const phaseLength = Math.max(...lastTaps.map((t) => Math.floor(t / last.step))) + width;
  const rowLength = phases.length * phaseLength;
  const segments = phases.flatMap((phase, slot) => {
    const start = phase + least.at(-1)!;
    const zeros = Math.min(phaseLength, Math.max(0, Math.ceil(-start / last.step)));
    const source = zeros * last.step + start;
    const count = Math.max(0, Math.min(phaseLength - zeros, Math.ceil((last.source - source) / last.step)));
    return [4 * slot * phaseLength, zeros, source, count, phaseLength - zeros - count];
  });

  // Strips along the first axis, as high as the local copy allows.
  const lengthOf = (axis: number, count: number): number => (count - 1) * axes[axis]!.step + reach[axis]! + 1;
  const inner = outerAxes.slice(1).map((axis, i) => lengthOf(i + 1, axis.count));
  const rowsPerStep = inner.reduce((product, length) => product * length, 1);
  const taps = tuples(axes.map((axis) => axis.taps.length));
  const planeFor = (height: number): number => planeLines(lengthOf(0, height) * rowsPerStep * rowLength);
  const byDepth = Math.max(1, Math.floor(passDepth / taps.length));
  const atLeast = planeFor(1);
  const bySize = Math.max(1, Math.floor(localValues / atLeast));
  const passes = Math.ceil(channels / Math.min(byDepth, bySize));
  const blockChannels = Math.ceil(channels / passes);
  let height = first.count;
  while (height > 1 && planeFor(height) * blockChannels > localValues) height = Math.ceil(height / 2);
  const strips = Math.ceil(first.count / height);
  height = Math.ceil(first.count / strips);
  const lastHeight = first.count - (strips - 1) * height;
  const planeLength = planeFor(height);

  // Rows to copy; those that no tap reaches are left out.
  const localStrides = stridesOf([lengthOf(0, height), ...inner]).map((stride) => stride * rowLength);
  const sourceStrides = stridesOf(axes.map((axis) => axis.source));
  const reached = outerAxes.map((axis, i) => {
    const count = i === 0 ? height : axis.count;
    return new Set(range(count).flatMap((e) => axis.taps.map(({ shift }) => e * axis.step + shift - least[i]!)));
  });
  const rowTuples = tuples([lengthOf(0, height), ...inner]).filter((t) => t.every((at, i) => reached[i]!.has(at)));
  const rows = rowTuples.flatMap((local) => {
    const source = local.map((at, i) => at + least[i]!);
    const inside = source.every((at, i) => i === 0 || (at >= 0 && at < axes[i]!.source));
    const innerOffset = inside ? dot([0, ...source.slice(1)], sourceStrides) : -1;
    return [4 * dot(local, localStrides), local[0]!, inside ? 4 * innerOffset : -1];
  });
  const lastRows = lengthOf(0, lastHeight);

  // Offsets of the taps, channel by channel.
  const kernelStrides = stridesOf(axes.map((axis) => axis.kernel));
  const tapKernels = taps.map((tuple) =>
    dot(
      tuple.map((tap, i) => axes[i]!.taps[tap]!.kernel),
      kernelStrides,
    ),
  );
  const tapOffsets = taps.map((tuple) => {
    const shifts = tuple.map((tap, i) => axes[i]!.taps[tap]!.shift - least[i]!);
    const t = shifts.at(-1)!;
    return (
      dot(shifts.slice(0, -1), localStrides) + phases.indexOf(t % last.step) * phaseLength + Math.floor(t / last.step)
    );
  });
  const offsets = range(blockChannels).flatMap((c) => tapOffsets.map((offset) => c * planeLength + offset));

  // Vectors of four results along the last axis.
  const resultStrides = stridesOf(axes.map((axis) => axis.resultLength));
  const bases: number[] = [];
  const places: number[] = [];
  const lanes: number[] = [];
  for (const position of tuples([height, ...outerAxes.slice(1).map((axis) => axis.count)])) {
    const base = dot(
      position.map((e, i) => e * axes[i]!.step),
      localStrides,
    );
    const place = dot(
      position.map((e, i) => e * axes[i]!.resultStep + axes[i]!.resultStart),
      resultStrides,
    );
    for (let start = 0; start < last.count; start += 4) {
      const e = overlap && last.count >= 4 ? Math.min(start, last.count - 4) : start;
      bases.push(base + e);
      places.push(place + (e * last.resultStep + last.resultStart));
      lanes.push(Math.min(4, last.count - e));
    }
  }
  const vectorCount = bases.length;
  // Tiles take two or four vectors: the missing ones of the last tile repeat the last base with no lanes.
  for (let i = 0; i < 3; i++) {
    bases.push(bases[vectorCount - 1]!);
    places.push(places[vectorCount - 1]!);
    lanes.push(0);
  }

  return {
    tapKernels,
    blockChannels,
    strips,
    stripOuter: height * first.step,
    yStrip: height * first.resultStep * resultStrides[0]!,
    firstOuter: least[0]!,
    outer: first.source,
    step: last.step,
    rows,
    rowCount: rowTuples.length,
    lastRowCount: rowTuples.filter((t) => t[0]! < lastRows).length,
    segments,
    rowLength,
    planeLength,
    offsets,
    bases,
    places,
    lanes,
    vectorCount,
    lastVectorCount: (vectorCount / height) * lastHeight,
    laneStep: last.resultStep,
  };
}

/** Values of a plane, an odd number of cache lines: planes then spread over the cache's sets. */
function planeLines(values: number): number {
  const lines = Math.ceil(values / 16);
  return 16 * (lines % 2 === 0 ? lines + 1 : lines);
}
