import { type Desc, groupedDesc, type OneDnn2, stackedDesc } from './c-api-2.ts';

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
  /** Groups of channels, each an N,C/groups,… of its own, one behind the other; `desc` then has them as first axis. */
  readonly groups: number;
}

export interface Layouts {
  of(desc: Desc): Layout;
  plain(shape: readonly number[]): Layout;
  /** Values of that shape (N,C,…), each group of channels in the layout of `each`, one group behind the other. */
  stacked(each: Layout, groups: number, shape: readonly number[]): Layout;
  /** Values at the beginning of memory of so many bytes, which holds more than these. */
  leading(desc: Desc, shape: readonly number[], bytes: number): Layout;
  /** How two layouts of one shape are described to be reordered; undefined where they have different groups. */
  pair(from: Layout, to: Layout): [from: Desc, to: Desc] | undefined;
}

export function layoutTable(api: OneDnn2): Layouts {
  const byDesc = new Map<string, Layout>();
  const plains = new Map<string, Layout>();
  const keyOf = (desc: Desc): string => Buffer.from(desc.buffer, desc.byteOffset, desc.byteLength).toString('latin1');

  function shapeOf(desc: Desc): number[] {
    const view = new DataView(desc.buffer, desc.byteOffset);
    return Array.from({ length: view.getInt32(0, true) }, (_, i) => Number(view.getBigInt64(8 + 8 * i, true)));
  }

  interface Rest {
    groups?: number;
    /** Where it takes more than its values. */
    bytes?: number;
  }

  const fullKey = (desc: Desc, { groups = 1, bytes }: Rest): string => `${groups} ${bytes} ${keyOf(desc)}`;

  function make(desc: Desc, shape: readonly number[], plain: boolean, rest: Rest = {}): Layout {
    const { groups = 1, bytes = api.descSize(desc) } = rest;
    const count = shape.reduce((product, length) => product * length, 1);
    const layout = { id: byDesc.size, desc, shape, bytes, count, plain, groups };
    byDesc.set(fullKey(desc, rest), layout);
    return layout;
  }

  const find = (desc: Desc, rest: Rest = {}): Layout | undefined => byDesc.get(fullKey(desc, rest));

  function plain(shape: readonly number[]): Layout {
    const key = shape.join();
    let layout = plains.get(key);
    if (layout === undefined) {
      const desc = api.plainDesc(shape);
      layout = find(desc) ?? make(desc, shape, true);
      plains.set(key, layout);
    }
    return layout;
  }

  return {
    plain,
    of(desc) {
      const shape = shapeOf(desc);
      plain(shape); // so that C order is found as such
      return find(desc) ?? make(desc, shape, false);
    },
    stacked(each, groups, shape) {
      const desc = stackedDesc(each.desc, groups, each.bytes);
      return find(desc, { groups }) ?? make(desc, shape, false, { groups });
    },
    leading: (desc, shape, bytes) => find(desc, { bytes }) ?? make(desc, shape, false, { bytes }),
    pair(from, to) {
      if (from.groups === to.groups) return [from.desc, to.desc];
      if (from.groups === 1) return [groupedDesc(from.desc, to.groups), to.desc];
      return to.groups === 1 ? [from.desc, groupedDesc(to.desc, from.groups)] : undefined;
    },
  };
}
