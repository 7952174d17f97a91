import { type Backend, type ConvolutionOperation, Values } from '@jacinto/core-tensor';
import { createReferenceBackend, seededRandom } from '@jacinto/core-tensor/testing';
import { allBackends, backendName } from '../backends.ts';
import { verify } from '../check.ts';
import { type ConvolutionShape, convolutions, flops } from '../cifar10-convolutions.ts';
import type { BenchContext, BenchEntry, Row } from '../entry.ts';
import { measure, type Subject } from '../measure.ts';
import { fill, type Pass, passes, RawOneDnn, type RawPass } from '../onednn-raw.ts';
import { gpuJsProduct } from '../peers/gpu-js.ts';

const batch = 64;

const legend = [
  'jacinto: through the Backend contract, on weights that have just changed, so that reorders and calls count.',
  'oneDNN alone: the primitive on data in the layouts it likes best; the ratio is against the better of its algorithms.',
];

/** JacintoNet11's convolutions at CIFAR-10 shapes: forward, gradient of the data, gradient of weights and bias. */
export const conv: BenchEntry = {
  name: 'conv',
  description: `JacintoNet11's convolutions (CIFAR-10, batch ${batch}): forward and both backward passes`,
  async run(context) {
    const { backends, notes, oneDnn } = await allBackends();
    const raw = oneDnn === undefined ? undefined : new RawOneDnn(oneDnn);
    const rows: Row[] = [];
    for (const shape of convolutions.filter(({ name }) => name.includes(context.only ?? ''))) {
      context.progress(`conv ${shape.name}`);
      verifyShape(shape, backends);
      rows.push(...(await measureShape(shape, backends, raw, context)));
    }
    if (context.only === undefined) rows.push(...total(rows, backends), ...(await references(context)));
    raw?.dispose();
    await Promise.all(backends.map((backend) => backend.dispose()));
    return { rows, notes: [...legend, ...notes] };
  },
};

interface Prepared {
  operation: ConvolutionOperation;
  x: Values;
  w: Values;
  b: Values;
  y: Values;
  dx: Values;
  dy: Values;
  dw: Values;
  db: Values;
}

function prepare(shape: ConvolutionShape, backend: Backend, images: number): Prepared {
  const { input, output, kernel, group, size } = shape;
  const dataType = 'f32' as const;
  const pad = (kernel - 1) / 2;
  const operation = backend.convolution({
    x: { shape: [images, input, size, size], dataType },
    w: { shape: [output, input / group, kernel, kernel], dataType },
    y: { shape: [images, output, size, size], dataType },
    stride: [1, 1],
    pad: [pad, pad],
    dilation: [1, 1],
    group,
    bias: true,
  });
  const random = seededRandom(7);
  const filled = (count: number) => {
    const values = new Values(backend, count);
    const view = values.hostWrite();
    for (let i = 0; i < count; i++) view[i] = random.uniform(-1, 1);
    return values;
  };
  const plane = size * size;
  const weights = (output * input * kernel * kernel) / group;
  const [x, w, b, dy] = [images * input * plane, weights, output, images * output * plane].map(filled);
  const [y, dx, dw, db] = [images * output * plane, images * input * plane, weights, output].map(
    (count) => new Values(backend, count),
  );
  return { operation, x: x!, w: w!, b: b!, y: y!, dx: dx!, dy: dy!, dw: dw!, db: db! };
}

function runPass({ operation, x, w, b, y, dx, dy, dw, db }: Prepared, pass: Pass): void {
  if (pass === 'forward') operation.forward(x, w, b, y);
  else if (pass === 'backward data') operation.backwardData(dy, w, dx);
  else operation.backwardWeights(x, dy, dw, db, { accumulate: false });
}

function release(prepared: Prepared): void {
  const { operation: _, ...values } = prepared;
  for (const one of Object.values(values)) one.release();
}

/** All passes on one picture against plain loops. */
function verifyShape(shape: ConvolutionShape, backends: readonly Backend[]): void {
  const expected = prepare(shape, createReferenceBackend(), 1);
  for (const pass of passes) runPass(expected, pass);
  for (const backend of backends) {
    const actual = prepare(shape, backend, 1);
    for (const pass of passes) runPass(actual, pass);
    for (const key of ['y', 'dx', 'dw', 'db'] as const) {
      verify(`${shape.name} ${key} (${backendName(backend)})`, actual[key].hostRead(), expected[key].hostRead());
    }
    release(actual);
  }
}

async function measureShape(
  shape: ConvolutionShape,
  backends: readonly Backend[],
  raw: RawOneDnn | undefined,
  context: BenchContext,
): Promise<Row[]> {
  const prepared = backends.map((backend) => prepare(shape, backend, batch));
  const rows: Row[] = [];
  for (const pass of passes) {
    const subjects: Subject[] = prepared.map((one, i) => ({
      name: backendName(backends[i]!),
      run() {
        one.w.hostUpdate(); // a step changes the weights: their reorder counts
        runPass(one, pass);
      },
    }));
    const peers = raw?.passes(shape, batch, pass) ?? [];
    for (const peer of peers) subjects.push(rawSubject(peer, shape, pass));
    const seconds = await measure(subjects, { rounds: context.rounds ?? 5, sampleSeconds: 0.02 });
    const best = Math.min(...peers.map((peer) => seconds.get(rawName(peer))!));
    const notes = new Map(peers.map((peer) => [rawName(peer), peer.implementation]));
    for (const [subject, time] of seconds) {
      rows.push({
        ...row(`${shape.name} ${pass}`, subject, time, batch * flops(shape)),
        note: notes.get(subject),
        ...(peers.length > 0 && subject.includes('jacinto onednn') ? share(shape, best / time) : {}),
      });
    }
    for (const peer of peers) peer.release();
  }
  prepared.forEach(release);
  return rows;
}

/** The goal is set for the 3×3 convolutions. */
function share({ kernel }: ConvolutionShape, ratio: number): Partial<Row> {
  return { ratio, against: "oneDNN's best", ...(kernel === 3 && { goal: 0.7 }) };
}

function rawName({ algorithm }: RawPass): string {
  return `oneDNN alone, any layout, ${algorithm}`;
}

function rawSubject(peer: RawPass, shape: ConvolutionShape, pass: Pass): Subject {
  const { input, output, kernel, group, size } = shape;
  const { run } = peer;
  run();
  const products = {
    forward: (input / group) * kernel ** 2 + 1 / fill, // and the bias
    'backward data': (output / group) * kernel ** 2,
    'backward weights': batch * size ** 2,
  };
  // Where channels fill no block, padding that should be zero counts in our filled inputs.
  if (input / group >= 16)
    verify(`${rawName(peer)}: ${shape.name} ${pass}`, [peer.largest()], [products[pass] * fill ** 2], 1e-3);
  return { name: rawName(peer), run };
}

function row(work: string, subject: string, seconds: number, operations: number): Row {
  return { work, subject, seconds, rate: operations / seconds / 1e9, unit: 'GFLOP/s' };
}

/** All thirty passes together: what a training step spends in convolutions. */
function total(rows: readonly Row[], backends: readonly Backend[]): Row[] {
  const operations = 3 * batch * convolutions.reduce((sum, shape) => sum + flops(shape), 0);
  const sums = backends.map((backend) => {
    const own = rows.filter(({ subject }) => subject === backendName(backend));
    return { name: backendName(backend), seconds: own.reduce((sum, { seconds }) => sum + seconds!, 0) };
  });
  return sums.map(({ name, seconds }, i) => ({
    ...row('all of a training step', name, seconds, operations),
    ...(i === 0 ? {} : { ratio: sums[0]!.seconds / seconds, against: '1 thread' }),
  }));
}

/** For scale, in the same run: a plain JavaScript convolution, and gpu.js's matrix product. */
async function references(context: BenchContext): Promise<Row[]> {
  const shape = convolutions.find(({ name }) => name === 'res3a_branch2a')!;
  const gpu = gpuJsProduct(512, context);
  const subjects: Subject[] = [{ name: 'plain JavaScript loop', run: plainForward(shape) }];
  const square = Array.from({ length: 512 }, () => new Float32Array(512).fill(0.5));
  if (!('absent' in gpu)) subjects.push({ name: gpu.name, run: () => void gpu.multiply(square, square) });
  const seconds = await measure(subjects, { rounds: 5 });
  if ('absent' in gpu)
    return [
      row(`${shape.name} forward, batch 1`, subjects[0]!.name, seconds.get(subjects[0]!.name)!, flops(shape)),
      { work: '512×512×512 product', subject: 'gpu.js', note: gpu.absent },
    ];
  gpu.dispose();
  return [
    row(`${shape.name} forward, batch 1`, subjects[0]!.name, seconds.get(subjects[0]!.name)!, flops(shape)),
    row('512×512×512 product', gpu.name, seconds.get(gpu.name)!, 2 * 512 ** 3),
  ];
}

/** Forward of one picture as a careful JavaScript programmer writes it, verified like the others. */
function plainForward(shape: ConvolutionShape): () => void {
  const { input, output, kernel, size } = shape;
  const reference = prepare(shape, createReferenceBackend(), 1);
  runPass(reference, 'forward');
  const [x, w, b] = [reference.x, reference.w, reference.b].map((values) => values.hostRead());
  const y = new Float32Array(output * size * size);
  const pad = (kernel - 1) / 2;
  const run = () => {
    for (let o = 0; o < output; o++) {
      const plane = y.subarray(o * size * size, (o + 1) * size * size).fill(b![o]!);
      for (let c = 0; c < input; c++) {
        for (let tap = 0; tap < kernel * kernel; tap++) {
          const weight = w![(o * input + c) * kernel * kernel + tap]!;
          const dy = Math.floor(tap / kernel) - pad;
          const dx = (tap % kernel) - pad;
          for (let row = Math.max(0, -dy); row < Math.min(size, size - dy); row++) {
            const from = (c * size + row + dy) * size + dx;
            for (let column = Math.max(0, -dx); column < Math.min(size, size - dx); column++) {
              plane[row * size + column]! += weight * x![from + column]!;
            }
          }
        }
      }
    }
  };
  run();
  verify('plain JavaScript loop', y, reference.y.hostRead());
  return run;
}
