import type { Values } from '../values.ts';

/** Softmax over `channels` of values laid out outer × channels × inner. */
export interface SoftmaxSpec {
  outer: number;
  channels: number;
  inner: number;
}

export interface SoftmaxOperation {
  /** The maximum is subtracted first. x and y may be one buffer. */
  forward(x: Values, y: Values): void;
  /** dx = (dy − Σ dy·y)·y, overwritten; dx and dy may be one buffer. */
  backward(y: Values, dy: Values, dx: Values): void;
}

/** Multinomial logistic loss of a softmax (Caffe: SoftmaxWithLoss); labels are outer × inner whole numbers in f32. */
export interface SoftmaxLossSpec extends SoftmaxSpec {
  /** Positions with this label give no loss and no gradient. */
  ignoreLabel?: number;
}

export interface SoftmaxLossOperation {
  /**
   * prob = softmax(x); without x it is so already. parts[0] = Σ −weight(label)·log(max(prob of label, FLT_MIN));
   * parts[1] = number of positions that count, neither ignored nor wrong; parts[2] = number of labels that are not whole
   * or lie outside 0…channels−1 (they add nothing); parts[3] = the first such label. `labelWeights` has one value a class.
   */
  forward(v: {
    x?: Values | undefined;
    label: Values;
    prob: Values;
    parts: Values;
    labelWeights?: Values | undefined;
  }): void;
  /**
   * dx = (prob − onehot(label))·factor, 0 where ignored or wrong; overwritten. prob and dx may be one buffer. Weights
   * play no part.
   */
  backward(v: { prob: Values; label: Values; dx: Values }, factor: number): void;
}
