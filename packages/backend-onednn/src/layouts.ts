import type { Desc, OneDnn2 } from './c-api-2.ts';

/** A memory layout. Equal ones are one object, so that they are compared by `===`. */
export interface Layout {
  readonly id: number;
  readonly desc: Desc;
  readonly shape: readonly number[];
  /** Bytes it takes, padding of channels included. */
  readonly bytes: number;
  /** Values without padding. */
  readonly count: number;
  /** C order: lies in the values' host memory. */
  readonly plain: boolean;
}

export interface Layouts {
  of(desc: Desc): Layout;
  plain(shape: readonly number[]): Layout;
}

export function layoutTable(api: OneDnn2): Layouts {
  const byDesc = new Map<string, Layout>();
  const plains = new Map<string, Layout>();
  const keyOf = (desc: Desc): string => Buffer.from(desc.buffer, desc.byteOffset, desc.byteLength).toString('latin1');

  function shapeOf(desc: Desc): number[] {
    const view = new DataView(desc.buffer, desc.byteOffset);
    return Array.from({ length: view.getInt32(0, true) }, (_, i) => Number(view.getBigInt64(8 + 8 * i, true)));
  }

  function make(desc: Desc, shape: readonly number[], plain: boolean): Layout {
    const count = shape.reduce((product, length) => product * length, 1);
    const layout = { id: byDesc.size, desc, shape, bytes: api.descSize(desc), count, plain };
    byDesc.set(keyOf(desc), layout);
    return layout;
  }

  function plain(shape: readonly number[]): Layout {
    const key = shape.join();
    let layout = plains.get(key);
    if (layout === undefined) {
      const desc = api.plainDesc(shape);
      layout = byDesc.get(keyOf(desc)) ?? make(desc, shape, true);
      plains.set(key, layout);
    }
    return layout;
  }

  return {
    plain,
    of(desc) {
      const shape = shapeOf(desc);
      plain(shape); // so that C order is found as such
      return byDesc.get(keyOf(desc)) ?? make(desc, shape, false);
    },
  };
}
