import { choose, put } from './vector';

/** Of one parameter. */
@unmanaged
class Parameter {
  /** Its first item. Parameters lie one after the other, each from a multiple of 4 on. */
  first: i32;
  count: i32;
  w: usize;
  g: usize;
  h: usize;
  h2: usize;
  rate: f32;
  decay: f32;
}

@unmanaged
class UpdateArguments {
  parameters: usize;
  gradientFactor: f32;
  momentum: f32;
  freshMomentum: f32; // 1 − momentum, rounded once
  momentum2: f32; // Adam's β2; RMSProp's ρ
  freshMomentum2: f32;
  delta: f32;
  l1: i32;
  clear: i32;
}

const SGD = 0;
const NESTEROV = 1;
const ADAGRAD = 2;
const RMSPROP = 3;
const ADADELTA = 4;
const ADAM = 5;

/** sign(w), 0 for 0. */
// @ts-ignore: decorator
@inline
function sign4(w: v128): v128 {
  const zero = f32x4.splat(0);
  return choose(f32x4.gt(w, zero), f32x4.splat(1), v128.and(f32x4.lt(w, zero), f32x4.splat(-1)));
}

// @ts-ignore: decorator
@inline
function mix(keep: v128, old: v128, share: v128, fresh: v128): v128 {
  return f32x4.add(f32x4.mul(keep, old), f32x4.mul(share, fresh));
}

/** Items are the values of all parameters in a row; a block is the end of one, some whole ones, the start of another. */
// @ts-ignore: decorator
@inline
function each(rule: i32, args: usize, begin: i32, end: i32): void {
  const s = changetype<UpdateArguments>(args);
  let parameter = changetype<Parameter>(s.parameters);
  while (parameter.first + parameter.count <= begin) parameter = next(parameter);
  for (let at = begin; at < end; parameter = next(parameter)) {
    const first = parameter.first;
    update(rule, s, parameter, max(begin - first, 0), min(end - first, parameter.count));
    at = (first + parameter.count + 3) & ~3;
  }
}

// @ts-ignore: decorator
@inline
function next(parameter: Parameter): Parameter {
  return changetype<Parameter>(changetype<usize>(parameter) + offsetof<Parameter>());
}

/** One pass over weights, gradient and history; formulas: Caffe's solvers (docs of @jacinto/solvers-mixed). */
// @ts-ignore: decorator
@inline
function update(rule: i32, s: UpdateArguments, p: Parameter, begin: i32, end: i32): void {
  const rate = f32x4.splat(p.rate);
  const decay = f32x4.splat(p.decay);
  const factor = f32x4.splat(s.gradientFactor);
  const momentum = f32x4.splat(s.momentum);
  const momentum2 = f32x4.splat(s.momentum2);
  const fresh = f32x4.splat(s.freshMomentum);
  const fresh2 = f32x4.splat(s.freshMomentum2);
  const delta = f32x4.splat(s.delta);
  const l1 = s.l1 != 0;
  const clear = s.clear != 0;
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    const left = end - i;
    const w = v128.load(p.w + at);
    const raw = v128.load(p.g + at);
    const penalty = f32x4.mul(decay, l1 ? sign4(w) : w);
    const g = f32x4.add(f32x4.mul(raw, factor), penalty);
    const old = v128.load(p.h + at);
    let h: v128;
    let step: v128;
    if (rule == SGD || rule == NESTEROV) {
      h = f32x4.add(f32x4.mul(momentum, old), f32x4.mul(rate, g));
      // Nesterov: (1+m)·h − m·old
      step = rule == SGD ? h : f32x4.add(h, f32x4.mul(momentum, f32x4.sub(h, old)));
    } else if (rule == ADAM) {
      h = mix(momentum, old, fresh, g);
      const v = mix(momentum2, v128.load(p.h2 + at), fresh2, f32x4.mul(g, g));
      put(p.h2 + at, v, left);
      step = f32x4.div(f32x4.mul(rate, h), f32x4.add(f32x4.sqrt(v), delta));
    } else if (rule == ADADELTA) {
      h = mix(momentum, old, fresh, f32x4.mul(g, g));
      const old2 = v128.load(p.h2 + at);
      const u = f32x4.mul(g, f32x4.sqrt(f32x4.div(f32x4.add(old2, delta), f32x4.add(h, delta))));
      put(p.h2 + at, mix(momentum, old2, fresh, f32x4.mul(u, u)), left);
      step = f32x4.mul(rate, u);
    } else {
      const square = f32x4.mul(g, g);
      h = rule == ADAGRAD ? f32x4.add(old, square) : mix(momentum2, old, fresh2, square);
      step = f32x4.div(f32x4.mul(rate, g), f32x4.add(f32x4.sqrt(h), delta));
    }
    put(p.h + at, h, left);
    put(p.w + at, f32x4.sub(w, step), left);
    if (clear) put(p.g + at, f32x4.splat(0), left);
  }
}

export function updateSgd(args: usize, begin: i32, end: i32, thread: i32): void {
  each(SGD, args, begin, end);
}
export function updateNesterov(args: usize, begin: i32, end: i32, thread: i32): void {
  each(NESTEROV, args, begin, end);
}
export function updateAdagrad(args: usize, begin: i32, end: i32, thread: i32): void {
  each(ADAGRAD, args, begin, end);
}
export function updateRmsprop(args: usize, begin: i32, end: i32, thread: i32): void {
  each(RMSPROP, args, begin, end);
}
export function updateAdadelta(args: usize, begin: i32, end: i32, thread: i32): void {
  each(ADADELTA, args, begin, end);
}
export function updateAdam(args: usize, begin: i32, end: i32, thread: i32): void {
  each(ADAM, args, begin, end);
}
