// Elementwise functions, backward: dx = dy · derivative; formulas in src/operations/unary.ts.
import { exp4 } from './exp-log';
import { below, choose, put, reluSlope4 } from './vector';

@unmanaged
class UnaryBackwardArguments {
  x: usize;
  y: usize;
  dy: usize;
  dx: usize;
  a: f32;
  b: f32;
  c: f32;
}

const RELU = 0;
const ELU = 1;
const SIGMOID = 2;
const TANH = 3;
const ABS = 4;
const BNLL = 5;
const EXP = 6;
const LOG = 7;
const SQUARE = 8;

// @ts-ignore: decorator
@inline
function derivative(name: i32, x: v128, y: v128, a: v128, b: v128, c: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (name == RELU) return reluSlope4(x, a);
  if (name == ELU) return f32x4.mul(b, choose(f32x4.gt(x, zero), one, f32x4.add(a, y)));
  if (name == SIGMOID) return f32x4.mul(y, f32x4.sub(one, y));
  if (name == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  if (name == ABS) {
    const sign = choose(f32x4.gt(x, zero), one, v128.and(f32x4.lt(x, zero), f32x4.splat(-1)));
    return v128.or(sign, f32x4.ne(x, x)); // all ones: NaN
  }
  if (name == BNLL) {
    const e = exp4(below(x, f32x4.splat(50)));
    return f32x4.div(e, f32x4.add(one, e));
  }
  if (name == EXP) return f32x4.mul(a, y);
  if (name == LOG) return f32x4.div(f32x4.mul(c, a), f32x4.add(b, f32x4.mul(a, x)));
  return f32x4.add(x, x);
}

// @ts-ignore: decorator
@inline
function each(name: i32, args: usize, begin: i32, end: i32): void {
  const s = changetype<UnaryBackwardArguments>(args);
  const x = s.x;
  const y = s.y;
  const dy = s.dy;
  const dx = s.dx;
  const a = f32x4.splat(s.a);
  const b = f32x4.splat(s.b);
  const c = f32x4.splat(s.c);
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    const slope = derivative(name, v128.load(x + at), v128.load(y + at), a, b, c);
    put(dx + at, f32x4.mul(v128.load(dy + at), slope), end - i);
  }
}

export function unaryReluBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(RELU, args, begin, end);
}
export function unaryEluBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(ELU, args, begin, end);
}
export function unarySigmoidBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(SIGMOID, args, begin, end);
}
export function unaryTanhBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(TANH, args, begin, end);
}
export function unaryAbsBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(ABS, args, begin, end);
}
export function unaryBnllBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(BNLL, args, begin, end);
}
export function unaryExpBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(EXP, args, begin, end);
}
export function unaryLogBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(LOG, args, begin, end);
}
export function unarySquareBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  each(SQUARE, args, begin, end);
}
