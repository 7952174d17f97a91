/** What a convolution of `NetText` takes besides its outputs and kernel. */
export interface ConvolutionOptions {
  stride?: number;
  pad?: number;
  group?: number;
  /** Default true. */
  bias?: boolean;
}

/** Writes a net as prototxt, layer by layer; each method gives back the name of the top it made. */
export class NetText {
  private readonly layers: string[] = [];

  layer(type: string, name: string, bottoms: readonly string[], fields = '', tops: readonly string[] = [name]): string {
    const list = (field: string, names: readonly string[]): string =>
      names.map((each) => ` ${field}: "${each}"`).join('');
    this.layers.push(
      `layer { name: "${name}" type: "${type}"${list('bottom', bottoms)}${list('top', tops)} ${fields} }`,
    );
    return tops[0] ?? '';
  }

  input(name: string, shape: readonly number[]): string {
    const dims = shape.map((length) => `dim: ${length}`).join(' ');
    return this.layer('Input', name, [], `input_param { shape { ${dims} } }`);
  }

  /** "data" 1,3,size,size and "label" 1. */
  image(size: number, channels = 3): string {
    this.input('label', [1]);
    return this.input('data', [1, channels, size, size]);
  }

  convolution(name: string, bottom: string, outputs: number, kernel: number, options: ConvolutionOptions = {}): string {
    const { stride = 1, pad = 0, group = 1, bias = true } = options;
    const fields =
      `num_output: ${outputs} kernel_size: ${kernel} stride: ${stride} pad: ${pad} group: ${group} ` +
      `bias_term: ${bias} weight_filler { type: "msra" }`;
    return this.layer('Convolution', name, [bottom], `convolution_param { ${fields} }`);
  }

  /** Upsampling by bilinear interpolation, one filter a channel or all to all. */
  upsample(name: string, bottom: string, outputs: number, kernel: number, stride: number): string {
    const fields = `num_output: ${outputs} kernel_size: ${kernel} stride: ${stride} bias_term: false weight_filler { type: "bilinear" }`;
    return this.layer('Deconvolution', name, [bottom], `convolution_param { ${fields} }`);
  }

  innerProduct(name: string, bottom: string, outputs: number, fields = ''): string {
    const own = `num_output: ${outputs} weight_filler { type: "xavier" } ${fields}`;
    return this.layer('InnerProduct', name, [bottom], `inner_product_param { ${own} }`);
  }

  pool(name: string, bottom: string, fields: string): string {
    return this.layer('Pooling', name, [bottom], `pooling_param { ${fields} }`);
  }

  globalAverage(name: string, bottom: string): string {
    return this.pool(name, bottom, 'pool: AVE global_pooling: true');
  }

  /** In place. */
  relu(bottom: string): string {
    return this.layer('ReLU', `relu_${bottom}`, [bottom], '', [bottom]);
  }

  /** In place. */
  dropout(bottom: string, ratio: number): string {
    return this.layer('Dropout', `drop_${bottom}`, [bottom], `dropout_param { dropout_ratio: ${ratio} }`, [bottom]);
  }

  lrn(name: string, bottom: string, fields = 'local_size: 5 alpha: 0.0001 beta: 0.75'): string {
    return this.layer('LRN', name, [bottom], `lrn_param { ${fields} }`);
  }

  /** Batch norm and its scale, in place on what a convolution made, then ReLU unless left out. */
  normalize(bottom: string, relu = true): string {
    this.layer('BatchNorm', `bn_${bottom}`, [bottom], '', [bottom]);
    this.layer('Scale', `scale_${bottom}`, [bottom], 'scale_param { bias_term: true }', [bottom]);
    return relu ? this.relu(bottom) : bottom;
  }

  concat(name: string, bottoms: readonly string[]): string {
    return this.layer('Concat', name, bottoms);
  }

  softmaxLoss(name: string, bottom: string, fields = '', label = 'label'): string {
    return this.layer('SoftmaxWithLoss', name, [bottom, label], fields);
  }

  toString(): string {
    return this.layers.join('\n');
  }
}
