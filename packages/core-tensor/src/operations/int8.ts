/** Rows and columns of zeros around images in memory: what taps outside an image read. */
export interface Margin {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** Least and greatest code that a value may have; within −32768 and 32767. */
export interface CodeRange {
  low: number;
  high: number;
}

/**
 * Whole numbers (codes) of a batch of images, in the backend's memory: 16 bits each, channels last, with a margin of
 * zeros, so that layers read them as they lie.
 */
export interface CodeImages {
  /** N,C,H,W. */
  readonly shape: readonly [number, number, number, number];
  readonly margin: Margin;
  /** Takes codes in C order (N,C,H,W). Each must be whole and within −32768 and 32767; this is not checked. */
  write(codes: ArrayLike<number>): void;
  /** As `write`; false where a value is not whole or outside the range: then the images hold nothing of use. */
  writeWhole(values: Float32Array, range: CodeRange): boolean;
  /** The codes in C order. */
  read(): Int16Array;
  /** Frees the memory. */
  release(): void;
}

/** total = Σ factors[t] · sums[t] + add, all whole numbers. */
export interface Multipliers {
  factors: readonly number[];
  add: number;
}

/**
 * How sums of one channel become codes: clip(total / 2^shift, rounded to nearest). Where total (by `above`) is less than
 * `zero`, `below` counts instead: a ReLU.
 */
export interface ChannelRounding {
  shift: number;
  above: Multipliers;
  below?: Multipliers;
  zero: number;
}

export interface CodeRounding extends CodeRange {
  /** Ties go to the even code, or away from zero. */
  ties: 'even' | 'away';
  channels: readonly ChannelRounding[];
}

/** Convolution or deconvolution of codes. */
export interface Int8ConvolutionSpec {
  /** N,C,H,W and N,O,H',W'. */
  x: readonly number[];
  y: readonly number[];
  /** Codes the inputs may have; smaller ranges allow faster kernels. */
  range: CodeRange;
  /** O,C/group,KH,KW; transposed (deconvolution): C,O/group,KH,KW. */
  weights: ArrayLike<number>;
  transposed?: boolean;
  kernel: readonly [number, number];
  stride: readonly [number, number];
  pad: readonly [number, number];
  dilation: readonly [number, number];
  group: number;
  /** Sum 0: of products; sum 1, where any channel has a second factor other than 0: of the inputs. */
  rounding: CodeRounding;
}

/** Maxima or averages of windows. */
export interface Int8PoolingSpec {
  x: readonly number[];
  y: readonly number[];
  range: CodeRange;
  /** By row and by column of y: first place of the window and the one after its last, inside the image. */
  rows: readonly (readonly [number, number])[];
  columns: readonly (readonly [number, number])[];
  /** For each place of y, what its sum is multiplied with; undefined: maxima. */
  weights?: ArrayLike<number>;
  /** Sum 0: the maximum, or the weighted sum. */
  rounding: CodeRounding;
}

/** One image batch to other codes, or two to one. Inputs have the shape N,C,H,W of the result. */
export interface Int8CombineSpec {
  /** 'add': sums 0 and 1 are a and b (or a alone); 'multiply': sum 0 is a·b; 'maximum': y = max(y, code of a). */
  method: 'add' | 'multiply' | 'maximum';
  shape: readonly number[];
  /** Of a, then of b where there is one. */
  ranges: readonly CodeRange[];
  /** First channel of a and of y to use; default 0. */
  from?: number;
  to?: number;
  rounding: CodeRounding;
}

export interface Int8Operation {
  run(): void;
  /** Rounds in another way from now on; false where that would not be exact, or needs sums that are not made. */
  round(rounding: CodeRounding): boolean;
}

/**
 * Inference by whole numbers only: products and sums of 32 bits, multipliers, shifts. Exact: each operation gives the
 * codes that its spec says, to the last bit, or refuses when it is prepared. Operations are bound to images when made.
 */
export interface Int8Operations {
  /** @throws CaffeError 'limit' where memory does not suffice. */
  images(shape: readonly number[], margin?: Margin): CodeImages;
  /** Margin that `x` must have at least. */
  convolutionMargin(spec: Int8ConvolutionSpec): Margin;
  /** Undefined where a sum could leave 32 bits, or a total 62, or weights leave 16. */
  convolution(spec: Int8ConvolutionSpec, x: CodeImages, y: CodeImages): Int8Operation | undefined;
  pooling(spec: Int8PoolingSpec, x: CodeImages, y: CodeImages): Int8Operation | undefined;
  combine(spec: Int8CombineSpec, inputs: readonly CodeImages[], y: CodeImages): Int8Operation | undefined;
}
