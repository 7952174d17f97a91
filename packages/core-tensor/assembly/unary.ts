// Elementwise functions, forward; formulas in src/operations/unary.ts. The loops are inlined once a function.
import { exp4, expm14, log1p4, log4, sigmoid4, tanh4 } from './exp-log';
import { above, below, choose, put, relu4 } from './vector';

@unmanaged
class UnaryArguments {
  x: usize;
  y: usize;
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
const THRESHOLD = 8;
const SQUARE = 9;

// @ts-ignore: decorator
@inline
function value(name: i32, x: v128, a: v128, b: v128, c: v128): v128 {
  const zero = f32x4.splat(0);
  if (name == RELU) return relu4(x, a);
  if (name == ELU) return f32x4.add(f32x4.mul(b, above(x, zero)), f32x4.mul(a, expm14(below(x, zero))));
  if (name == SIGMOID) return sigmoid4(x);
  if (name == TANH) return tanh4(x);
  if (name == ABS) return f32x4.abs(x);
  if (name == BNLL) return f32x4.add(above(x, zero), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
  if (name == EXP) return exp4(f32x4.add(b, f32x4.mul(a, x)));
  if (name == LOG) return f32x4.mul(log4(f32x4.add(b, f32x4.mul(a, x))), c);
  if (name == THRESHOLD) return choose(f32x4.gt(x, a), f32x4.splat(1), zero);
  return f32x4.mul(x, x);
}

// @ts-ignore: decorator
@inline
function each(name: i32, args: usize, begin: i32, end: i32): void {
  const s = changetype<UnaryArguments>(args);
  const x = s.x;
  const y = s.y;
  const a = f32x4.splat(s.a);
  const b = f32x4.splat(s.b);
  const c = f32x4.splat(s.c);
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    put(y + at, value(name, v128.load(x + at), a, b, c), end - i);
  }
}

export function unaryRelu(args: usize, begin: i32, end: i32, thread: i32): void {
  each(RELU, args, begin, end);
}
export function unaryElu(args: usize, begin: i32, end: i32, thread: i32): void {
  each(ELU, args, begin, end);
}
export function unarySigmoid(args: usize, begin: i32, end: i32, thread: i32): void {
  each(SIGMOID, args, begin, end);
}
export function unaryTanh(args: usize, begin: i32, end: i32, thread: i32): void {
  each(TANH, args, begin, end);
}
export function unaryAbs(args: usize, begin: i32, end: i32, thread: i32): void {
  each(ABS, args, begin, end);
}
export function unaryBnll(args: usize, begin: i32, end: i32, thread: i32): void {
  each(BNLL, args, begin, end);
}
export function unaryExp(args: usize, begin: i32, end: i32, thread: i32): void {
  each(EXP, args, begin, end);
}
export function unaryLog(args: usize, begin: i32, end: i32, thread: i32): void {
  each(LOG, args, begin, end);
}
export function unaryThreshold(args: usize, begin: i32, end: i32, thread: i32): void {
  each(THRESHOLD, args, begin, end);
}
export function unarySquare(args: usize, begin: i32, end: i32, thread: i32): void {
  each(SQUARE, args, begin, end);
}
