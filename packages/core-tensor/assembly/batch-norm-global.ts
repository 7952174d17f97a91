import { normaliseRow } from './batch-norm';
import { put, reluSlope4 } from './vector';

@unmanaged
class GlobalArguments {
  x: usize;
  y: usize;
  scale: usize; // 0: none
  bias: usize; // 0: none
  mean: usize;
  variance: usize;
  channels: i32;
  plane: i32;
  eps: f32;
  factor: f32; // of the statistics
  relu: i32;
  slope: f32;
}

@unmanaged
class GlobalBackwardArguments {
  y: usize; // read with a ReLU only
  dy: usize;
  dx: usize;
  scale: usize; // 0: none
  variance: usize;
  channels: i32;
  plane: i32;
  eps: f32;
  factor: f32;
  relu: i32;
  slope: f32;
}

// @ts-ignore: decorator
@inline
function inverseStd(variance: f32, factor: f32, eps: f32): f64 {
  return 1 / sqrt(<f64>factor * <f64>variance + <f64>eps);
}

/** Rows (n,c): y = (x − f·mean)·scale/√(f·variance + eps) + bias, then the activation; x and y may be one buffer. */
export function batchNormGlobal(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<GlobalArguments>(args);
  for (let row = begin; row < end; row++) {
    const offset = (<usize>row * <usize>a.plane) << 2;
    const at = <usize>(row % a.channels) << 2;
    const scale: f32 = a.scale ? load<f32>(a.scale + at) : 1;
    const factor = <f32>(inverseStd(load<f32>(a.variance + at), a.factor, a.eps) * <f64>scale);
    const bias: f32 = a.bias ? load<f32>(a.bias + at) : 0;
    const mean = a.factor * load<f32>(a.mean + at);
    if (a.relu) normaliseRow(true, a.x + offset, a.y + offset, a.plane, mean, factor, bias, a.slope);
    else normaliseRow(false, a.x + offset, a.y + offset, a.plane, mean, factor, bias, 0);
  }
}

/** Rows (n,c): dx = dy·scale/√(f·variance + eps); dx and dy may be one buffer. */
export function batchNormGlobalBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<GlobalBackwardArguments>(args);
  const slope = f32x4.splat(a.slope);
  for (let row = begin; row < end; row++) {
    const offset = (<usize>row * <usize>a.plane) << 2;
    const at = <usize>(row % a.channels) << 2;
    const scale: f32 = a.scale ? load<f32>(a.scale + at) : 1;
    const factor = f32x4.splat(<f32>(inverseStd(load<f32>(a.variance + at), a.factor, a.eps) * <f64>scale));
    for (let i = 0; i < a.plane; i += 4) {
      const here = offset + (<usize>i << 2);
      let dy = v128.load(a.dy + here);
      if (a.relu) dy = f32x4.mul(dy, reluSlope4(v128.load(a.y + here), slope));
      put(a.dx + here, f32x4.mul(dy, factor), a.plane - i);
    }
  }
}
