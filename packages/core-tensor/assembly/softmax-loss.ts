import { sharedWorkspace, threadWorkspace } from './control';
import { log4 } from './exp-log';

@unmanaged
class LossArguments {
  prob: usize;
  label: usize;
  parts: usize;
  weights: usize; // 0: all 1
  positions: i32;
  chunk: i32; // positions a partial sum
  channels: i32;
  inner: i32;
  hasIgnore: i32;
  ignore: f32;
}

@unmanaged
class LossBackwardArguments {
  prob: usize;
  label: usize;
  dx: usize;
  channels: i32;
  inner: i32;
  hasIgnore: i32;
  ignore: f32;
  factor: f32;
}

/** A partial sum: loss f64, counted i32, wrong i32, first wrong label f32. */
const PARTIAL: usize = 24;

// @ts-ignore: decorator
@inline
function isClass(label: f32, channels: i32): bool {
  return label >= 0 && label < <f32>channels && label == floor(label);
}

/** Up to four probabilities, and 16 bytes behind them their weights, whose losses are taken off `sum` in their order. */
function minusLosses(sum: f64, four: usize, count: i32): f64 {
  const losses = log4(v128.load(four));
  v128.store(four, losses);
  for (let i: usize = 0; i < <usize>count; i++) {
    sum -= <f64>load<f32>(four + (i << 2), 16) * <f64>load<f32>(four + (i << 2));
  }
  return sum;
}

/** Chunks of positions: partial sums to the shared workspace. */
export function softmaxLoss(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<LossArguments>(args);
  const inner = a.inner;
  const four = threadWorkspace(thread);
  for (let item = begin; item < end; item++) {
    let loss: f64 = 0;
    let counted = 0;
    let wrong = 0;
    let firstWrong: f32 = 0;
    let waiting = 0;
    const last = min((item + 1) * a.chunk, a.positions);
    for (let position = item * a.chunk; position < last; position++) {
      const label = load<f32>(a.label + (<usize>position << 2));
      if (a.hasIgnore && label == a.ignore) continue;
      if (!isClass(label, a.channels)) {
        if (wrong++ == 0) firstWrong = label;
        continue;
      }
      counted++;
      const o = position / inner;
      const at = (<usize>o * <usize>a.channels + <usize>label) * <usize>inner + <usize>(position - o * inner);
      const probability = max(load<f32>(a.prob + (at << 2)), <f32>1.17549435e-38);
      const weight: f32 = a.weights ? load<f32>(a.weights + (<usize>label << 2)) : 1;
      store<f32>(four + (<usize>waiting << 2), probability);
      store<f32>(four + (<usize>waiting << 2), weight, 16);
      if (++waiting == 4) {
        loss = minusLosses(loss, four, 4);
        waiting = 0;
      }
    }
    loss = minusLosses(loss, four, waiting);
    const partial = sharedWorkspace() + <usize>item * PARTIAL;
    store<f64>(partial, loss);
    store<i32>(partial, counted, 8);
    store<i32>(partial, wrong, 12);
    store<f32>(partial, firstWrong, 16);
  }
}

/** One item: the partial sums in order. */
export function softmaxLossParts(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<LossArguments>(args);
  let loss: f64 = 0;
  let counted = 0;
  let wrong = 0;
  let firstWrong: f32 = 0;
  const chunks = (a.positions + a.chunk - 1) / a.chunk;
  for (let k = 0; k < chunks; k++) {
    const partial = sharedWorkspace() + <usize>k * PARTIAL;
    loss += load<f64>(partial);
    counted += load<i32>(partial, 8);
    if (wrong == 0) firstWrong = load<f32>(partial, 16);
    wrong += load<i32>(partial, 12);
  }
  store<f32>(a.parts, <f32>loss);
  store<f32>(a.parts, <f32>counted, 4);
  store<f32>(a.parts, <f32>wrong, 8);
  store<f32>(a.parts, firstWrong, 12);
}

/** Outer rows of channels × inner: dx = (prob − onehot)·factor, 0 where ignored; prob and dx may be one buffer. */
export function softmaxLossBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<LossBackwardArguments>(args);
  const inner = a.inner;
  const channels = a.channels;
  const size = <usize>channels * <usize>inner;
  for (let o = begin; o < end; o++) {
    const prob = a.prob + ((<usize>o * size) << 2);
    const dx = a.dx + ((<usize>o * size) << 2);
    const factor = f32x4.splat(a.factor);
    let i: usize = 0;
    for (; i + 4 <= size; i += 4) v128.store(dx + (i << 2), f32x4.mul(v128.load(prob + (i << 2)), factor));
    for (; i < size; i++) store<f32>(dx + (i << 2), load<f32>(prob + (i << 2)) * a.factor);
    for (let p = 0; p < inner; p++) {
      const label = load<f32>(a.label + ((<usize>o * <usize>inner + <usize>p) << 2));
      const first = dx + (<usize>p << 2);
      if ((a.hasIgnore && label == a.ignore) || !isClass(label, channels)) {
        for (let c = 0; c < channels; c++) store<f32>(first + ((<usize>c * <usize>inner) << 2), 0);
      } else {
        const at = first + ((<usize>label * <usize>inner) << 2);
        store<f32>(at, load<f32>(at) - a.factor);
      }
    }
  }
}
