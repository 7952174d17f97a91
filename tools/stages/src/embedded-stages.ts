import type { SolverParameter } from '@jacinto/proto';
import type { Stage } from './stage.ts';

export interface EmbeddedOptions {
  /** Of the three trainings, each with its max_iter; nets in them are relative to the run's folder. */
  solvers: Record<'initial' | 'l1reg' | 'sparse', SolverParameter>;
  /** The net to test with, and the same with `quantize: true`; relative to the run's folder. */
  testNet: string;
  quantizedNet: string;
  testBatches: number;
  /** Accuracies that others measured, by stage. */
  published?: Record<string, number>;
}

/**
 * The stages of caffe-jacinto's recipe for embedded devices: a training, one that makes weights small (L1), one that
 * makes most of them zero, then tests in floating point, with 8 bits, and with the batch norms merged.
 */
export function embeddedStages({ solvers, testNet, quantizedNet, testBatches, published }: EmbeddedOptions): Stage[] {
  const weightsOf = (name: keyof typeof solvers) => `${name}/${name}_iter_${solvers[name].maxIter}.caffemodel`;
  const caffe = (stage: Omit<Stage, 'package' | 'command'>): Stage => ({
    ...{ package: '@jacinto/caffe', command: 'caffe' },
    ...(published?.[stage.name] === undefined ? {} : { published: { accuracy: published[stage.name]! } }),
    ...stage,
  });
  const training = (name: keyof typeof solvers, title: string, about: string, from?: keyof typeof solvers): Stage =>
    caffe({
      ...{ name, title, about, training: { solver: solvers[name] } },
      args: ['train', `--solver=${name}/solver.prototxt`, ...(from ? [`--weights=${weightsOf(from)}`] : [])],
      result: { model: testNet, weights: weightsOf(name) },
    });
  const sparse = weightsOf('sparse');
  const test = (model: string, weights: string, more: string[] = []): string[] => [
    ...['test', `--model=${model}`, `--weights=${weights}`, `--iterations=${testBatches}`, ...more],
  ];
  return [
    training('initial', 'Initial', 'The net learns from nothing, as any net does.'),
    training(
      'l1reg',
      'L1',
      'It trains on with another penalty, L1, which pulls each weight towards 0 by the same amount: those that matter little become very small.',
      'initial',
    ),
    training(
      'sparse',
      'Sparse',
      `While it trains on, more and more of the smallest weights of convolutions are held at 0, up to ${percent(solvers.sparse.sparsityTarget)} of them; the others learn to make up for it.`,
      'l1reg',
    ),
    caffe({
      ...{ name: 'test', title: 'Test', about: 'The sparse net on all test pictures, in floating point.' },
      args: test(testNet, sparse, ['--display_sparsity']),
      result: { model: testNet, weights: sparse },
    }),
    caffe({
      ...{ name: 'quantized', title: '8 bits' },
      about:
        'The same test, with weights and the values between layers rounded to 8 bits, as a fixed-point device has them. The net is not trained again.',
      args: test(quantizedNet, sparse, ['--output_model=quantized/saved']),
      result: { model: testNet, weights: sparse },
    }),
    caffe({
      ...{ name: 'optimize', title: 'Absorb' },
      about:
        'Batch norms, which are multiplications and additions after each convolution, are merged into its weights and biases. The command itself checks that the outputs stay the same.',
      args: ['optimize', `--model=${testNet}`, `--weights=${sparse}`, '--output_model=merged'],
    }),
    caffe({
      ...{ name: 'merged', title: 'Absorbed', about: 'The merged net on all test pictures: what a device would run.' },
      args: test('merged.prototxt', 'merged.caffemodel'),
      result: { model: 'merged.prototxt', weights: 'merged.caffemodel' },
    }),
  ];
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
