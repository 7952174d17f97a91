import type { Operations } from '../backend.ts';
import { countOf } from '../tensor.ts';
import type { Engine } from './engine.ts';
import { grainOf } from './grain.ts';

interface Axis {
  length: number;
  stride: number;
}

/** y's axes with their strides in x; axes of length 1 dropped, and neighbours that stay neighbours joined. */
function axesOf(shape: readonly number[], order: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  for (const from of order) {
    const next = { length: shape[from]!, stride: countOf(shape.slice(from + 1)) };
    const last = axes.at(-1);
    if (next.length === 1) continue;
    if (last !== undefined && last.stride === next.length * next.stride) {
      last.length *= next.length;
      last.stride = next.stride;
    } else axes.push(next);
  }
  return axes.length === 0 ? [{ length: 1, stride: 1 }] : axes;
}

function mover(engine: Engine, shape: readonly number[], order: readonly number[]) {
  const axes = axesOf(shape, order);
  const { length, stride } = axes.pop()!;
  const table = engine.table(axes.length === 0 ? [0] : axes.flatMap((axis) => [axis.length, axis.stride]));
  const slots = ['x', 'y', 'table', 'outerAxes', 'length', 'stride'] as const;
  const job = engine.job('permute', slots, length === 0 ? 0 : countOf(shape) / length, grainOf(length));
  job.address.table = table.address;
  job.i32.outerAxes = axes.length;
  job.i32.length = length;
  job.i32.stride = stride;
  return { job, table };
}

export function permuteOn(engine: Engine): Operations['permute'] {
  return ({ shape, order }) => {
    const forward = mover(engine, shape, order);
    const inverse = order.map((_, axis) => order.indexOf(axis));
    const backward = mover(
      engine,
      order.map((axis) => shape[axis]!),
      inverse,
    );
    return {
      forward(x, y) {
        forward.job.address.x = x.address;
        forward.job.address.y = y.address;
        forward.job.run();
      },
      backward(dy, dx) {
        backward.job.address.x = dy.address;
        backward.job.address.y = dx.address;
        backward.job.run();
      },
    };
  };
}
