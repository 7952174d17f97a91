import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { seededRandom } from '@jacinto/core-tensor/testing';
import type { Net } from '@jacinto/net';
import { channelThreshold, countZeros, zeroUpTo } from '@jacinto/sparsity';
import { verify } from '../check.ts';
import type { BenchContext, BenchEntry, Row } from '../entry.ts';
import { watchLayers } from '../layer-times.ts';
import { measure, median } from '../measure.ts';
import { deployedNet } from '../nets/deployed.ts';
import { jacintoNet11 } from '../nets/jacintonet11.ts';
import { jSegNet21 } from '../nets/jsegnet21.ts';
import { int8 } from './int8.ts';

const works: readonly [name: string, prototxt: string, fractionOf: (layer: string) => number][] = [
  ['JacintoNet11 224×224', jacintoNet11(1), publishedFraction],
  ['JacintoNet11 224×224, layers alike', jacintoNet11(1), () => 0.805],
  ['JSegNet21 640×640', jSegNet21(640), publishedFraction],
];
const goal = 2.5;
/** Passes for the breakdown by layer. */
const layerRounds = 7;

/** Nets with 80 % of the convolutions' weights zero: kernels that leave the zeros out beside those that don't. */
export const sparse: BenchEntry = {
  name: 'sparse',
  description: 'nets as deployed with 80 % of the weights zero, 1 thread: sparse kernels beside dense ones',
  async run(context) {
    const dense = await createCpuBackend({ threads: 1, sparseKernels: false });
    const sparse = await createCpuBackend({ threads: 1 });
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const [work, prototxt, fractionOf] of works.filter(([work]) => work.includes(context.only ?? ''))) {
      context.progress(work);
      const netOn = (backend: Backend) => sparseNet(prototxt, fractionOf, backend);
      const nets = [await netOn(dense), await netOn(sparse)] as [Net, Net];
      notes.push(`${work}: ${percent(zerosOf(nets[0]))} of the weights of convolutions are zero`);
      rows.push(...(await measureNets(work, nets, context)));
      for (const net of nets) await net.dispose();
    }
    await Promise.all([dense.dispose(), sparse.dispose()]);
    const whole = await int8.run(context);
    rows.push(...whole.rows);
    return { rows, notes: [`Goal: sparse at least ${goal}× dense.`, ...notes, ...(whole.notes ?? [])] };
  },
};

/**
 * A net with seeded weights, zeros as caffe-jacinto's search by output channel leaves them where its caps don't come
 * first: the same share in every channel, at no particular places.
 */
async function sparseNet(prototxt: string, fractionOf: (layer: string) => number, backend: Backend): Promise<Net> {
  const net = await deployedNet(prototxt, backend);
  for (const { name, type, layer } of net.layers) {
    if (type !== 'Convolution') continue;
    const [weights] = layer.blobs;
    const values = weights!.data.hostUpdate();
    const row = values.length / weights!.shape[0]!;
    for (let at = 0; at < values.length; at += row) {
      const channel = values.subarray(at, at + row);
      zeroUpTo(channel, channelThreshold(channel, fractionOf(name), { maxRatio: 1, valueMax: 1e3 }));
    }
  }
  const random = seededRandom(3);
  net.inputs[0]!.tensor.data.hostWrite().forEach((_, i, all) => {
    all[i] = random.uniform(-1, 1);
  });
  return net;
}

/** Share of zeros in a layer of the published JSegNet21 (Cityscapes): conv1a .31, conv1b .72, ctx_final .35, the others .81. */
function publishedFraction(layer: string): number {
  if (layer === 'conv1a' || layer === 'ctx_final') return 0.35;
  return layer === 'conv1b' ? 0.72 : 0.81;
}

const convolutionsOf = (net: Net) => net.layers.filter(({ type }) => type === 'Convolution');

function zerosOf(net: Net): number {
  const weights = convolutionsOf(net).map(({ layer }) => layer.blobs[0]!.data.hostRead());
  const zeros = weights.reduce((sum, values) => sum + countZeros(values), 0);
  return zeros / weights.reduce((sum, values) => sum + values.length, 0);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

async function measureNets(work: string, nets: readonly [Net, Net], context: BenchContext): Promise<Row[]> {
  for (const net of nets) for (let pass = 0; pass < 3; pass++) await net.forward();
  const [expected, actual] = nets.map((net) => net.outputs[0]!.tensor.data.hostRead().slice());
  verify(`${work}, sparse`, actual!, expected!);
  const names = ['dense', 'sparse'] as const;
  const subjects = nets.map((net, i) => ({ name: names[i]!, run: async () => void (await net.forward()) }));
  const seconds = await measure(subjects, { rounds: context.rounds ?? 7, sampleSeconds: 0.1 });
  const compared = (what: string, dense: number, sparse: number, wanted?: number): Row[] => [
    { work: what, subject: 'dense', seconds: dense },
    { work: what, subject: 'sparse', seconds: sparse, ratio: dense / sparse, against: 'dense', goal: wanted },
  ];
  const layers = await layerSeconds(nets);
  const sums = [0, 1].map((i) => layers.reduce((sum, { times }) => sum + times[i]!, 0));
  return [
    ...compared(work, seconds.get('dense')!, seconds.get('sparse')!, goal),
    ...compared(`${work}: its convolutions`, sums[0]!, sums[1]!),
    ...layers.flatMap(({ name, times }) => compared(`  ${name}`, times[0]!, times[1]!)),
  ];
}

/** Medians of each convolution, with the ReLU that it does, in whole passes; nets take turns. */
async function layerSeconds(nets: readonly Net[]): Promise<{ name: string; times: number[] }[]> {
  const watches = nets.map(watchLayers);
  for (let round = 0; round < layerRounds; round++) for (const net of nets) await net.forward();
  for (const { stop } of watches) stop();
  return convolutionsOf(nets[0]!).map(({ name }) => ({
    name,
    times: watches.map(({ samples }) => median(samples.get(name)!) / 1000),
  }));
}
