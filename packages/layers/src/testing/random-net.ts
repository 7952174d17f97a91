import { RandomStream } from '@jacinto/core-tensor';
import { NetText } from '../networks/net-text.ts';

/** A blob of square pictures, and how many layers read it: what somebody reads no layer may change in place. */
interface Pictures {
  name: string;
  channels: number;
  size: number;
  readers: number;
}

/** What of a convolution is not left to chance. */
interface ConvolutionHow {
  channels?: number;
  kernel?: number;
  stride?: number;
  bias?: boolean;
  extra?: string;
}

export interface RandomNet {
  text: string;
  /** Pictures of the passes to run, one after the other. */
  batches: number[];
}

/**
 * A small net drawn at random: chains of convolutions, batch norms, scales and activations, in place or not, branches
 * that are summed, concatenated or cut, pooling, shared weights, blobs that nobody reads, and one or two losses. Inputs
 * "data" (3 channels), "label" (0 or 1 each).
 */
export function randomNet(seed: number): RandomNet {
  return new Drawing(seed).draw();
}

class Drawing {
  private readonly random: RandomStream;
  private readonly net = new NetText();
  private readonly blobs: Pictures[] = [];
  private count = 0;

  constructor(seed: number) {
    this.random = new RandomStream(seed, 1);
  }

  draw(): RandomNet {
    const batch = this.one(2, 3);
    const size = this.pick([3, 6, 8, 9, 13]);
    const dims = (...shape: number[]): string => `shape { ${shape.map((each) => `dim: ${each}`).join(' ')} }`;
    const fields = `input_param { ${dims(batch, 3, size, size)} ${dims(batch)} }`;
    this.net.layer('Input', 'input', [], fields, ['data', 'label']);
    this.blobs.push({ name: 'data', channels: 3, size, readers: 1 });
    const steps = [
      ...[this.chain, this.chain, this.chain, this.residual, this.residual, this.sum, this.concat, this.concat],
      ...[this.slice, this.pool, this.normalize, this.activation, this.upsample, this.shared],
    ];
    for (let left = this.one(3, 8); left > 0; left--) this.pick(steps).call(this);
    for (let left = this.one(1, 2); left > 0; left--) this.loss();
    return { text: this.net.toString(), batches: [batch, batch, this.one(2, 5), batch] };
  }

  /** Convolution, then perhaps batch norm and activation. */
  private chain(from = this.any()): void {
    if (this.chance(0.7)) this.activation(this.normalizedConvolution(from));
    else if (this.chance(0.5)) this.activation(this.convolution(from));
    else this.convolution(from);
  }

  private residual(): void {
    const from = this.any();
    const how = { channels: from.channels, kernel: 3, stride: 1 };
    let branch = this.chance(0.5)
      ? this.activation(this.normalizedConvolution(from, how))
      : this.convolution(from, how);
    if (this.chance(0.5)) branch = this.convolution(branch, { ...how, kernel: 1 });
    this.add(this.chance(0.5) ? [from, branch] : [branch, from]);
  }

  /** Without a bias, whose gradient behind a batch norm would be nothing but rounding. */
  private normalizedConvolution(from: Pictures, how: ConvolutionHow = {}): Pictures {
    return this.batchNorm(this.convolution(from, { ...how, bias: false }));
  }

  private sum(): void {
    const from = this.any();
    const alike = this.blobs.filter((each) => each.channels === from.channels && each.size === from.size);
    this.add([from, this.pick(alike), this.pick(alike)].slice(0, this.one(2, 3)));
  }

  private add(bottoms: readonly Pictures[]): void {
    const way = this.pick(['SUM', 'SUM', 'SUM', 'MAX', 'PROD']);
    const made = this.made('Eltwise', bottoms, `eltwise_param { operation: ${way} }`, bottoms[0]!);
    if (this.chance(0.7)) this.activation(made);
  }

  private concat(): void {
    const from = this.any();
    const alike = this.blobs.filter((each) => each.size === from.size);
    const bottoms = [from, this.pick(alike), this.pick(alike)].slice(0, this.one(2, 3));
    this.made('Concat', bottoms, '', { ...from, channels: bottoms.reduce((all, { channels }) => all + channels, 0) });
  }

  private slice(): void {
    const from = this.any();
    if (from.channels < 2) return;
    const at = from.channels > 16 ? 16 : this.one(1, from.channels - 1);
    const name = this.name('Slice');
    from.readers++;
    this.net.layer('Slice', name, [from.name], `slice_param { slice_point: ${at} }`, [name, `${name}b`]);
    const [first] = [at, from.channels - at].map((channels, i) =>
      this.keep(i ? `${name}b` : name, channels, from.size),
    );
    if (this.chance(0.5)) this.activation(first!);
  }

  private pool(): void {
    const from = this.any();
    const [kernel, stride, pad] = [this.one(2, 3), this.one(1, 2), this.one(0, 1)];
    if (from.size + 2 * pad < kernel) return;
    const ceiled = Math.ceil((from.size + 2 * pad - kernel) / stride) + 1;
    const size = pad > 0 && (ceiled - 1) * stride >= from.size + pad ? ceiled - 1 : ceiled;
    const fields = `pool: ${this.pick(['MAX', 'AVE'])} kernel_size: ${kernel} stride: ${stride} pad: ${pad}`;
    this.made('Pooling', [from], `pooling_param { ${fields} }`, { ...from, size });
  }

  private normalize(): void {
    const region = this.pick(['ACROSS_CHANNELS', 'WITHIN_CHANNEL']);
    const from = this.any();
    this.made('LRN', [from], `lrn_param { local_size: 3 alpha: 0.1 norm_region: ${region} }`, from);
  }

  private upsample(): void {
    const from = this.any();
    if (from.size > 9) return;
    const fields = `num_output: 3 kernel_size: 4 stride: 2 pad: 1 ${gaussian('weight_filler', 0.2)}`;
    const shape = { channels: 3, size: 2 * from.size };
    this.made('Deconvolution', [from], `convolution_param { ${fields} }`, shape);
  }

  /** Two convolutions with one set of weights. */
  private shared(): void {
    const from = this.any();
    const name = `"shared${this.count}"`;
    const how = {
      channels: from.channels,
      kernel: 1,
      stride: 1,
      extra: `param { name: ${name} } param { lr_mult: 0 }`,
    };
    this.activation(this.convolution(this.convolution(from, how), how));
  }

  private convolution(from: Pictures, how: ConvolutionHow = {}): Pictures {
    let { channels = this.pick([1, 4, 5, 8, 16, 17, 32]) } = how;
    const { kernel = this.pick([1, 3, 3, 5]), stride = this.one(1, 2), bias = true, extra = '' } = how;
    const group = how.channels === undefined && this.chance(0.2) ? from.channels : 1;
    if (group > 1) channels = group;
    const pad = how.kernel === undefined && from.size >= kernel ? this.pick([0, (kernel - 1) / 2]) : (kernel - 1) / 2;
    const fields =
      `num_output: ${channels} kernel_size: ${kernel} stride: ${stride} pad: ${pad} group: ${group} ` +
      `bias_term: ${bias} weight_filler { type: "msra" } ${gaussian('bias_filler', 0.3)}`;
    const size = Math.floor((from.size + 2 * pad - kernel) / stride) + 1;
    return this.made('Convolution', [from], `${extra} convolution_param { ${fields} }`, { channels, size });
  }

  private batchNorm(from: Pictures): Pictures {
    const scaled = this.chance(0.5);
    const random = 'scale_filler { type: "uniform" min: 0.5 max: 1.5 } bias_filler { type: "gaussian" std: 0.3 }';
    const made = this.changed('BatchNorm', from, `batch_norm_param { eps: 0.01 ${scaled ? random : ''} }`);
    if (scaled || this.chance(0.3)) return made;
    const fields = `filler { type: "uniform" min: 0.5 max: 1.5 } bias_term: true ${gaussian('bias_filler', 0.3)}`;
    return this.changed('Scale', made, `scale_param { ${fields} }`);
  }

  private activation(from = this.any()): Pictures {
    const [type, fields] = this.pick([
      ...[['ReLU'], ['ReLU'], ['ReLU'], ['ReLU', 'relu_param { negative_slope: 0.1 }'], ['PReLU'], ['Sigmoid']],
      ...[
        ['Power', 'power_param { scale: 0.5 shift: 0.2 }'],
        ['Dropout', 'dropout_param { dropout_ratio: 0.2 }'],
      ],
    ]) as [string, string?];
    return this.changed(type, from, fields);
  }

  private loss(): void {
    const from = this.any();
    const name = this.name('InnerProduct');
    const pooled = this.made('Pooling', [from], 'pooling_param { pool: AVE global_pooling: true }', {
      ...from,
      size: 1,
    });
    this.net.innerProduct(name, pooled.name, this.one(2, 5));
    if (this.chance(0.3)) this.net.layer('ReLU', `${name}_relu`, [name], '', [name]);
    this.net.layer('SoftmaxWithLoss', `${name}_loss`, [name, 'label']);
  }

  /** A layer that keeps the shape: in place where it may, mostly. */
  private changed(type: string, from: Pictures, fields = ''): Pictures {
    if (from.readers > 0 || this.chance(0.3)) return this.made(type, [from], fields, from);
    this.net.layer(type, this.name(type), [from.name], fields, [from.name]);
    return from;
  }

  private made(
    type: string,
    bottoms: readonly Pictures[],
    fields: string,
    { channels, size }: { channels: number; size: number },
  ): Pictures {
    const name = this.name(type);
    for (const each of bottoms) each.readers++;
    const read = bottoms.map((each) => each.name);
    return this.keep(this.net.layer(type, name, read, fields), channels, size);
  }

  private keep(name: string, channels: number, size: number): Pictures {
    const made = { name, channels, size, readers: 0 };
    this.blobs.push(made);
    return made;
  }

  private name(type: string): string {
    return `${type.toLowerCase()}${this.count++}`;
  }

  /** A blob to go on from: mostly one of the last. */
  private any(): Pictures {
    return this.pick(this.chance(0.7) ? this.blobs.slice(-3) : this.blobs);
  }

  private one(low: number, high: number): number {
    return low + this.random.integer(high - low + 1);
  }

  private chance(probability: number): boolean {
    return this.random.bernoulli(probability);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random.integer(list.length)]!;
  }
}

const gaussian = (field: string, std: number): string => `${field} { type: "gaussian" std: ${std} }`;
