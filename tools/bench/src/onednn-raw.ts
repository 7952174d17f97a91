import type { UsableOneDnn } from '@jacinto/backend-onednn';
import type { ConvolutionShape } from './cifar10-convolutions.ts';

/** The three passes of a convolution. */
export const passes = ['forward', 'backward data', 'backward weights'] as const;
export type Pass = (typeof passes)[number];

export interface RawPass {
  algorithm: 'auto' | 'direct';
  /** oneDNN's name of what it chose: "jit_wino_int8:…", "jit:avx512_core". */
  implementation: string;
  run(): void;
  /** Largest value of the result: all inputs are `fill`. */
  largest(): number;
  release(): void;
}

const argument = {
  src: 1,
  dst: 17,
  weights: 33,
  bias: 41,
  diffSrc: 129,
  diffDst: 145,
  diffWeights: 161,
  diffBias: 169,
};
/** What data, weights, bias and gradients of a raw pass are filled with. */
export const fill = 0.01;
const kinds = { training: 64, direct: 1, auto: 3 };

/**
 * oneDNN 2.x called with nothing of ours between: a convolution whose data and weights already lie in the layouts that
 * the primitive likes best ('any'), in memory of its own. What our backend can reach at most.
 */
export class RawOneDnn {
  private readonly api: UsableOneDnn['api'];
  private readonly koffi: UsableOneDnn['koffi'];
  private readonly engine: number;
  private readonly stream: number;

  constructor({ api, koffi }: UsableOneDnn) {
    this.api = api;
    this.koffi = koffi;
    this.engine = api.createEngine();
    this.stream = api.createStream(this.engine);
  }

  /** One primitive an algorithm; those that oneDNN does not have for the shape are left out. */
  passes(shape: ConvolutionShape, batch: number, pass: Pass): RawPass[] {
    return (['auto', 'direct'] as const).flatMap((algorithm) => this.pass(shape, batch, pass, algorithm) ?? []);
  }

  private pass(shape: ConvolutionShape, batch: number, pass: Pass, algorithm: 'auto' | 'direct'): RawPass | undefined {
    const { api, engine } = this;
    const { input, output, kernel, group, size } = shape;
    const weights = [output / group, input / group, kernel, kernel];
    const pad = (kernel - 1) / 2;
    const geometry = (bias: boolean) => ({
      src: api.anyDesc([batch, input, size, size]),
      weights: api.anyDesc(group === 1 ? weights : [group, ...weights]),
      bias: bias ? api.plainDesc([output]) : undefined,
      dst: api.anyDesc([batch, output, size, size]),
      ...{ stride: [1, 1], dilation: [0, 0], padBegin: [pad, pad], padEnd: [pad, pad] },
    });
    const forwardOf = (bias: boolean) =>
      api.describe(engine, api.convolutionForward(kinds.training, kinds[algorithm], geometry(bias)));
    const hint = forwardOf(pass === 'forward');
    if (hint === undefined) return undefined;
    const descriptor =
      pass === 'forward'
        ? hint
        : api.describe(
            engine,
            pass === 'backward data'
              ? api.convolutionBackwardData(kinds[algorithm], geometry(false))
              : api.convolutionBackwardWeights(kinds[algorithm], geometry(true)),
            0,
            hint,
          );
    return descriptor === undefined ? undefined : this.prepared(descriptor, pass, algorithm, output);
  }

  private prepared(descriptor: number, pass: Pass, algorithm: 'auto' | 'direct', output: number): RawPass {
    const { api, koffi, engine, stream } = this;
    const names = {
      forward: ['src', 'weights', 'dst'],
      'backward data': ['diffDst', 'weights', 'diffSrc'],
      'backward weights': ['src', 'diffDst', 'diffWeights'],
    } as const;
    const places = names[pass].map((name) => [argument[name], api.descOf(descriptor, name)] as const);
    if (pass === 'forward') places.push([argument.bias, api.plainDesc([output])]);
    if (pass === 'backward weights') places.push([argument.diffBias, api.plainDesc([output])]);
    const buffers: Uint8Array[] = [];
    const views: Float32Array[] = [];
    const memories = places.map(([, desc]) => {
      const bytes = new Uint8Array(new SharedArrayBuffer(api.descSize(desc) + 64));
      new Float32Array(bytes.buffer).fill(fill);
      buffers.push(bytes);
      const at = Number(koffi.address(bytes));
      const offset = Math.ceil(at / 64) * 64 - at;
      views.push(new Float32Array(bytes.buffer, offset, api.descSize(desc) / 4));
      return api.createMemory(desc, engine, at + offset);
    });
    const block = new Uint8Array(new ArrayBuffer(16 * places.length));
    const view = new DataView(block.buffer);
    for (const [i, [which]] of places.entries()) {
      view.setInt32(16 * i, which, true);
      view.setBigUint64(16 * i + 8, BigInt(memories[i]!), true);
    }
    buffers.push(block);
    const address = Number(koffi.address(block));
    const primitive = api.createPrimitive(descriptor);
    return {
      algorithm,
      implementation: api.implementation(descriptor),
      run: () => void api.execute(primitive, stream, places.length, address),
      largest: () => views[2]!.reduce((most, value) => Math.max(most, value)),
      release() {
        api.destroyPrimitive(primitive);
        for (const memory of memories) api.destroyMemory(memory);
        buffers.length = 0;
      },
    };
  }

  dispose(): void {
    this.api.destroyStream(this.stream);
    this.api.destroyEngine(this.engine);
  }
}
