import { afterAll, expect, it } from 'vitest';
import { Tensor } from '../tensor.ts';
import { createCpuBackend } from './cpu-backend.ts';

const backend = await createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];

it.each([2, 6, 8, 10, 14, 16, 22])(
  'maxima of 2×2 in rows of %i are the same where nobody asks for the winners',
  (width) => {
    const [x, y, mask, alone] = [width, width / 2, width / 2, width / 2].map((w) => new Tensor(backend, [1, 3, w, w]));
    const values = x!.data.hostWrite();
    for (let i = 0; i < values.length; i++) values[i] = i % 7 < 3 ? odd[i % 5]! : Math.sin(i);
    const pooling = backend.pooling({
      ...{ method: 'max', kernel: [2, 2], stride: [2, 2], pad: [0, 0] },
      ...{ x: { shape: x!.shape, dataType: 'f32' }, y: { shape: y!.shape, dataType: 'f32' } },
    });
    pooling.forward(x!.data, y!.data, mask!.data);
    pooling.forward(x!.data, alone!.data);
    expect([...alone!.data.hostRead()]).toEqual([...y!.data.hostRead()]);
  },
);
