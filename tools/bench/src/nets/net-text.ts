/** A convolution; padded so that stride 1 keeps the size, if nothing else is said. */
export interface ConvolutionText {
  output: number;
  kernel: number;
  stride?: number;
  dilation?: number;
  pad?: number;
  group?: number;
  /** Whether a ReLU follows, in place. Default true. */
  relu?: boolean;
}

const filler = 'weight_filler { type: "msra" } bias_filler { type: "uniform" min: -0.1 max: 0.1 }';

/** Builds the prototxt of a deployed net (batch norms absorbed: each convolution has a bias); weights by its fillers. */
export class NetText {
  private readonly layers: string[] = [];

  constructor(name: string, shape: readonly number[]) {
    const dims = shape.map((length) => `dim: ${length}`).join(' ');
    this.layers.push(
      `name: "${name}"`,
      `layer { name: "data" type: "Input" top: "data" input_param { shape { ${dims} } } }`,
    );
  }

  /** Adds a layer; gives its top, named like itself. */
  layer(name: string, type: string, bottoms: readonly string[], settings = ''): string {
    const reads = bottoms.map((bottom) => `bottom: "${bottom}"`).join(' ');
    this.layers.push(`layer { name: "${name}" type: "${type}" ${reads} top: "${name}" ${settings} }`);
    return name;
  }

  relu(blob: string): string {
    this.layers.push(`layer { name: "${blob}/relu" type: "ReLU" bottom: "${blob}" top: "${blob}" }`);
    return blob;
  }

  conv(name: string, bottom: string, options: ConvolutionText): string {
    const { output, kernel, stride = 1, dilation = 1, group = 1, relu = true } = options;
    const { pad = (dilation * (kernel - 1)) / 2 } = options;
    const sizes = `kernel_size: ${kernel} stride: ${stride} pad: ${pad} dilation: ${dilation} group: ${group}`;
    this.layer(name, 'Convolution', [bottom], `convolution_param { num_output: ${output} ${sizes} ${filler} }`);
    return relu ? this.relu(name) : name;
  }

  maxPool(name: string, bottom: string, kernel: number, stride: number): string {
    return this.layer(
      name,
      'Pooling',
      [bottom],
      `pooling_param { pool: MAX kernel_size: ${kernel} stride: ${stride} }`,
    );
  }

  /** Averages each whole map. */
  globalPool(name: string, bottom: string): string {
    return this.layer(name, 'Pooling', [bottom], 'pooling_param { pool: AVE global_pooling: true }');
  }

  innerProduct(name: string, bottom: string, output: number): string {
    return this.layer(name, 'InnerProduct', [bottom], `inner_product_param { num_output: ${output} ${filler} }`);
  }

  sum(name: string, bottoms: readonly string[]): string {
    return this.layer(name, 'Eltwise', bottoms, 'eltwise_param { operation: SUM }');
  }

  /** Enlarges each map twice, by a bilinear deconvolution of its own. */
  upsample(name: string, bottom: string, channels: number): string {
    const sizes = `num_output: ${channels} group: ${channels} kernel_size: 4 stride: 2 pad: 1 bias_term: false`;
    return this.layer(
      name,
      'Deconvolution',
      [bottom],
      `convolution_param { ${sizes} weight_filler { type: "bilinear" } }`,
    );
  }

  toString(): string {
    return `${this.layers.join('\n')}\n`;
  }
}
