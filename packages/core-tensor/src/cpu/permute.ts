import type { Operations } from '../backend.ts';
import { countOf } from '../tensor.ts';
import type { Engine, Job, Table } from './engine.ts';
import { grainOf } from './grain.ts';

const slots = ['x', 'y', 'table', 'outerAxes', 'length', 'stride'] as const;

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

type Mover = Job<'x' | 'y' | 'table'> & { table: Table };

/** A job that fills y: by tiles where y's last two axes change places, else row by row. */
function mover(engine: Engine, shape: readonly number[], order: readonly number[]): Mover {
  const axes = axesOf(shape, order);
  const { length, stride } = axes.pop()!;
  const count = countOf(shape);
  const transposed = stride !== 1 && axes.at(-1)?.stride === 1 ? axes.pop() : undefined;
  const table = engine.table(axes.length === 0 ? [0] : axes.flatMap((axis) => [axis.length, axis.stride]));
  const job = transposed === undefined ? byRows() : byTiles(transposed.length);
  job.address.table = table.address;
  job.i32.outerAxes = axes.length;
  job.i32.length = length;
  job.i32.stride = stride;
  return Object.assign(job, { table }); // the table lives as long as the job

  function byRows() {
    return engine.job('permute', slots, count === 0 ? 0 : count / length, grainOf(length));
  }
  function byTiles(rows: number) {
    const groups = Math.ceil(rows / 16);
    const matrices = count === 0 ? 0 : count / (rows * length);
    const tiles = engine.job('transpose', [...slots, 'rows', 'groups'], matrices * groups, grainOf(16 * length));
    tiles.i32.rows = rows;
    tiles.i32.groups = groups;
    return tiles;
  }
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
        forward.address.x = x.address;
        forward.address.y = y.address;
        forward.run();
      },
      backward(dy, dx) {
        backward.address.x = dy.address;
        backward.address.y = dx.address;
        backward.run();
      },
    };
  };
}
