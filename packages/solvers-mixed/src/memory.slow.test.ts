import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createCpuBackend } from '@jacinto/core-tensor';
import { readSolver } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { Solver } from './solver.ts';
import { MemoryFiles, toyRegistry, toySolver } from './testing/toy-solver.ts';

const net = `
  name: "small"
  layer { name: "data" type: "DummyData" top: "x" top: "label"
    dummy_data_param { shape { dim: 4 dim: 3 dim: 16 dim: 16 } shape { dim: 4 }
      data_filler { type: "gaussian" std: 1 } data_filler { type: "constant" value: 3 } } }
  layer { name: "conv1" type: "Convolution" bottom: "x" top: "conv1"
    convolution_param { num_output: 16 kernel_size: 5 pad: 2 weight_filler { type: "msra" } } }
  layer { name: "bn1" type: "BatchNorm" bottom: "conv1" top: "conv1" batch_norm_param { scale_bias: true } }
  layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
  layer { name: "conv2" type: "Convolution" bottom: "conv1" top: "conv2"
    convolution_param { num_output: 16 kernel_size: 3 pad: 1 weight_filler { type: "msra" } } }
  layer { name: "pool" type: "Pooling" bottom: "conv2" top: "pool" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
  layer { name: "drop" type: "Dropout" bottom: "pool" top: "pool" }
  layer { name: "ip" type: "InnerProduct" bottom: "pool" top: "ip"
    inner_product_param { num_output: 10 weight_filler { type: "xavier" } } }
  layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }
`;

/** Collects garbage, so that what is left is what is held. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

it('a thousand iterations, with tests and clipped gradients, hold no more memory than the first two hundred', async () => {
  const files = new MemoryFiles();
  files.net = net;
  const backend = await createCpuBackend({ threads: 1 });
  const text = toySolver({
    ...{ type: '"Adam"', base_lr: 1e-4, max_iter: 1000, iter_size: 2, clip_gradients: 5, display: 10 },
    ...{ test_iter: 2, test_interval: 50, average_loss: 20 },
  });
  let iterations = 0;
  const solver = await Solver.create(readSolver(text, { file: 'solver.prototxt' }), {
    ...{ backend, registry: toyRegistry, files },
    onEvent: ({ type }) => {
      if (type === 'iteration') iterations++;
    },
  });
  const held = () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    const { usedBytes, peakBytes } = backend.host;
    return { usedBytes, peakBytes, javaScript: heapUsed + external };
  };
  await solver.step(200);
  const early = held();
  await solver.step(800);
  const late = held();
  expect(iterations).toBe(1000);
  expect(late.usedBytes, 'bytes of the backend').toBe(early.usedBytes);
  expect(late.peakBytes, 'most bytes of the backend at once').toBe(early.peakBytes);
  // The engine's own code and statistics still grow here, by some 360 kB; an array left behind at each iteration would
  // be more than this.
  expect(late.javaScript - early.javaScript, 'bytes of objects and their buffers').toBeLessThan(1_000_000);
  await solver.dispose();
  await backend.dispose();
});
