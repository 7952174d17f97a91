import { createCpuBackend, Tensor } from '@jacinto/core-tensor';
import { closeTo, createReferenceBackend, seededRandom } from '@jacinto/core-tensor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { assembleOneDnn } from './onednn-backend.ts';

const found = await findOneDnn();
const reference = createReferenceBackend();

describe.skipIf(!found.usable)(`copies (${found.usable ? found.version : `skipped: ${found.reason}`})`, () => {
  let parts: ReturnType<typeof assembleOneDnn>;
  beforeAll(async () => {
    if (found.usable) parts = assembleOneDnn(found, { over: await createCpuBackend({ threads: 2 }) });
  });
  afterAll(() => parts.backend.dispose());

  /** Puts bottoms of so many channels together and takes the parts out again, as Concat does. */
  function concat(backend: typeof reference, channels: readonly number[]) {
    const random = seededRandom(5);
    const all = channels.reduce((sum, each) => sum + each, 0);
    const y = new Tensor(backend, [2, all, 5, 3]);
    const back = channels.map((each) => new Tensor(backend, [2, each, 5, 3]));
    const bottoms = channels.map((each) => {
      const x = new Tensor(backend, [2, each, 5, 3]);
      x.data.hostWrite().forEach((_, i, values) => {
        values[i] = random.gaussian();
      });
      return x;
    });
    let begin = 0;
    const runs = channels.map((each, i) => {
      const [run, offset] = [15 * each, 15 * begin];
      begin += each;
      const join = backend.copy({ outer: 2, length: run, xStride: run, yStride: 15 * all });
      const cut = backend.copy({ outer: 2, length: run, xStride: 15 * all, yStride: run });
      return {
        join: () => join.run(bottoms[i]!.data, y.data, { yOffset: offset }),
        cut: () => cut.run(y.data, back[i]!.data, { xOffset: offset }),
      };
    });
    return {
      ...{ y, bottoms, back },
      join: () => {
        for (const run of runs) run.join();
      },
      cut: () => {
        for (const run of runs) run.cut();
      },
    };
  }

  const blocked = (tensors: readonly Tensor[]): void => {
    const { context, places } = parts;
    for (const { data, shape } of tensors) {
      places.read(data, context.layouts.of(context.api.blockedDesc(shape, 16)));
      data.markCurrent('device');
    }
  };

  it.each([[[16, 32]], [[32, 16, 20]]])('of channels %j stay in blocks', (channels) => {
    const [ours, theirs] = [concat(parts.backend, channels), concat(reference, channels)];
    blocked(ours.bottoms);
    ours.join();
    const { counters } = parts.backend;
    const before = { ...counters };
    ours.join();
    ours.cut();
    expect(counters).toEqual(before);
    expect([ours.y, ...ours.back].map(({ data }) => parts.backend.layoutOf(data))).toEqual(
      [ours.y, ...ours.back].map(() => 'nChw16c'),
    );
    expect(ours.y.data.place).toBe('device');
    theirs.join();
    closeTo(ours.y.data.hostRead(), theirs.y.data.hostRead(), 'exact', 'y');
    ours.back.forEach(({ data }, i) => {
      closeTo(data.hostRead(), theirs.bottoms[i]!.data.hostRead(), 'exact', `part ${i}`);
    });
  });

  it('of other channels are handed over, from the second time on with no way back', () => {
    const ours = concat(parts.backend, [32, 12, 16]);
    const theirs = concat(reference, [32, 12, 16]);
    blocked(ours.bottoms);
    ours.join();
    const { counters } = parts.backend;
    const before = { ...counters };
    ours.join();
    expect(counters.handedOver - before.handedOver).toBe(3);
    expect(counters.reorders - before.reorders).toBeLessThanOrEqual(1); // of the first bottom, which was left in blocks
    theirs.join();
    closeTo(ours.y.data.hostRead(), theirs.y.data.hostRead(), 'exact', 'y');
  });

  it('take a plain bottom into blocks where the others are', () => {
    const [ours, theirs] = [concat(parts.backend, [32, 16]), concat(reference, [32, 16])];
    blocked(ours.bottoms.slice(1));
    ours.join();
    ours.bottoms[0]!.data.hostUpdate()[7] = 3;
    theirs.bottoms[0]!.data.hostUpdate()[7] = 3;
    const { counters } = parts.backend;
    const before = counters.handedOver;
    ours.join();
    expect(counters.handedOver).toBe(before);
    theirs.join();
    closeTo(ours.y.data.hostRead(), theirs.y.data.hostRead(), 'exact', 'y');
  });
});
