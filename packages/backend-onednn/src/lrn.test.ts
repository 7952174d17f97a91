import { type Backend, createCpuBackend, type LrnSpec, Tensor, Values } from '@jacinto/core-tensor';
import { closeTo, createReferenceBackend, seededRandom } from '@jacinto/core-tensor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { assembleOneDnn } from './onednn-backend.ts';

const found = await findOneDnn();
const seed = 11;
type Kind = Omit<LrnSpec, 'x'>;
const across: Kind = { region: 'across-channels', size: 5, alpha: 0.3, beta: 0.75, k: 2 };
const within: Kind = { region: 'within-channel', size: 3, alpha: 0.3, beta: 0.75, k: 1 };

/** The same values on every backend. */
function normalisation(backend: Backend, shape: readonly number[], kind: Kind) {
  const random = seededRandom(seed);
  const [x, y] = [new Tensor(backend, shape), new Tensor(backend, shape)];
  const fill = (values: Values): void => {
    values.hostWrite().forEach((_, i, all) => {
      all[i] = random.gaussian();
    });
  };
  fill(x.data);
  fill(y.diff);
  const s = new Values(backend, x.count);
  const operation = backend.lrn({ x: x.spec, ...kind });
  return {
    ...{ x, y, s },
    forward: () => operation.forward(x.data, y.data, s),
    backward: () => operation.backward(x.data, y.data, s, y.diff, x.diff),
  };
}

const version = found.usable ? found.version : `skipped: ${found.reason}`;

describe.skipIf(!found.usable)(`LRN, seed ${seed} (${version})`, () => {
  let backend: ReturnType<typeof assembleOneDnn>['backend'];
  let hasKernels = false;
  beforeAll(async () => {
    if (!found.usable) return;
    const parts = assembleOneDnn(found, { over: await createCpuBackend({ threads: 2 }) });
    backend = parts.backend;
    hasKernels = parts.context.api.vectorBytes() > 16;
  });
  afterAll(() => backend.dispose());

  const lengths = seededRandom(seed);
  const shapes = Array.from({ length: 8 }, (_, i) => {
    const channels = i % 4 === 3 ? 1 + lengths.integer(60) : 16 * (1 + lengths.integer(6));
    return [1 + lengths.integer(3), channels, 3 + lengths.integer(40), 3 + lengths.integer(20)];
  });

  describe.each([
    ['across channels', across],
    ['within channels', within],
  ])('%s', (_, kind) => {
    it.each(shapes)('of %ix%ix%ix%i is the reference’s, forward and back', (...shape) => {
      const [ours, theirs] = [
        normalisation(backend, shape, kind),
        normalisation(createReferenceBackend(), shape, kind),
      ];
      for (const each of [ours, theirs]) {
        each.forward();
        each.backward();
      }
      closeTo(ours.y.data.hostRead(), theirs.y.data.hostRead(), 3e-6, 'y');
      closeTo(ours.x.diff.hostRead(), theirs.x.diff.hostRead(), 3e-6, 'dx');
      closeTo(ours.s.hostRead(), theirs.s.hostRead(), 2e-6, 's');
    });

    it('goes back by what others have written as s', () => {
      const shape = [2, 32, 6, 5];
      const [ours, theirs] = [
        normalisation(backend, shape, kind),
        normalisation(createReferenceBackend(), shape, kind),
      ];
      for (const each of [ours, theirs]) {
        each.forward();
        each.s.hostUpdate().forEach((value, i, all) => {
          all[i] = 1.5 * value;
        });
        each.backward();
      }
      closeTo(ours.x.diff.hostRead(), theirs.x.diff.hostRead(), 3e-6, 'dx');
    });
  });

  it.for([across, within])('stays in blocks between convolutions: $region', (kind, context) => {
    if (!hasKernels) context.skip('oneDNN has no fast kernel for this processor');
    const shape = [2, 32, 6, 5];
    const { x, y, forward, backward } = normalisation(backend, shape, kind);
    const w = new Tensor(backend, [32, 32, 3, 3]);
    w.data.hostWrite().fill(0.1);
    const next = new Tensor(backend, shape);
    const same = { stride: [1, 1], pad: [1, 1], dilation: [1, 1], group: 1, bias: false };
    const convolution = backend.convolution({ x: y.spec, w: w.spec, y: next.spec, ...same });
    const run = (): void => {
      forward();
      convolution.forward(y.data, w.data, undefined, next.data);
      convolution.backwardData(next.data, w.data, y.diff);
      backward();
    };
    run();
    const { reorders, handedOver } = backend.counters;
    run();
    expect(backend.counters).toMatchObject({ reorders, handedOver });
    expect(x.diff.place).toBe('device');
  });
});
