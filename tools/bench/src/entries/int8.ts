import { createRegistry } from '@jacinto/caffe';
import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { seededRandom } from '@jacinto/core-tensor/testing';
import { Net } from '@jacinto/net';
import { Phase, parseText } from '@jacinto/proto';
import { IntegerNet, Quantizer } from '@jacinto/quantize';
import type { BenchContext, BenchEntry, Row } from '../entry.ts';
import { measure } from '../measure.ts';
import { jacintoNet11 } from '../nets/jacintonet11.ts';
import { jSegNet21 } from '../nets/jsegnet21.ts';

const works: readonly [name: string, prototxt: string][] = [
  ['JacintoNet11 224×224', jacintoNet11(1)],
  ['JSegNet21 640×640', jSegNet21(640)],
];
const goal = 1.5;

/** Nets as deployed, dense: whole numbers of 8 bits beside float, one thread. */
export const int8: BenchEntry = {
  name: 'int8',
  description: 'nets as deployed, 1 thread: 8-bit whole numbers beside float (within one code of the simulation)',
  async run(context) {
    const backend = await createCpuBackend({ threads: 1 });
    const rows: Row[] = [];
    for (const [work, prototxt] of works.filter(([work]) => work.includes(context.only ?? ''))) {
      context.progress(work);
      rows.push(...(await measureNet(work, prototxt, backend, context)));
    }
    await backend.dispose();
    return { rows, notes: [`Goal: whole numbers at least ${goal}× float.`] };
  },
};

async function netOf(prototxt: string, backend: Backend): Promise<Net> {
  const options = { backend, registry: createRegistry(), phase: Phase.TEST, seed: 1 };
  const net = await Net.create(parseText('NetParameter', prototxt), options);
  const random = seededRandom(3);
  net.inputs[0]!.tensor.data.hostWrite().forEach((_, i, all) => {
    all[i] = Math.floor(random.uniform(0, 256));
  });
  return net;
}

async function measureNet(work: string, prototxt: string, backend: Backend, context: BenchContext): Promise<Row[]> {
  const float = await netOf(prototxt, backend);
  const simulated = await netOf(prototxt, backend);
  const settings = { bitwidthWeights: 8, applyOffsetWeights: false };
  const quantizer = new Quantizer({ settings });
  simulated.use(quantizer);
  for (let pass = 0; pass < 3; pass++) await simulated.forward();
  const integers = new IntegerNet(simulated, quantizer);
  const { outputs } = integers.compare();
  const apart = outputs.find(({ worst }) => worst > 1);
  if (apart !== undefined)
    throw new Error(`${work}: ${apart.layer} differs by ${apart.worst} codes from the simulation`);
  if (integers.slowLayers.length > 0) throw new Error(`${work}: no kernel for ${integers.slowLayers.join(', ')}`);
  const seconds = await measure(
    [
      { name: 'float', run: async () => void (await float.forward()) },
      { name: 'int8', run: () => integers.forward() },
    ],
    { rounds: context.rounds ?? 7, sampleSeconds: 0.1 },
  );
  const [plain, whole] = [seconds.get('float')!, seconds.get('int8')!];
  integers.dispose();
  await float.dispose();
  await simulated.dispose();
  return [
    { work, subject: 'float', seconds: plain },
    { work, subject: 'int8', seconds: whole, ratio: plain / whole, against: 'float', goal },
  ];
}
