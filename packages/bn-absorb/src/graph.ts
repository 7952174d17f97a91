import type { LayerParameter } from '@jacinto/proto';

/** One making of a blob: a layer that works in place makes a new one of the same name. */
export interface Value {
  name: string;
  /** Index of the layer that makes it. */
  maker: number;
  /** Indices of the layers that read it, once for each bottom. */
  readers: number[];
  /** Whether it is a loss: the net itself then reads it too. */
  isLoss: boolean;
}

/** Which value each bottom and top of a net's layers is. A bottom that nobody makes is undefined. */
export interface Graph {
  bottoms: (Value | undefined)[][];
  tops: Value[][];
}

/** Joins layers by blob names as Caffe does: a bottom is the latest top of its name. */
export function graphOf(layers: readonly LayerParameter[]): Graph {
  const latest = new Map<string, Value>();
  const graph: Graph = { bottoms: [], tops: [] };
  layers.forEach((layer, index) => {
    const read = layer.bottom.map((name) => {
      const value = latest.get(name);
      value?.readers.push(index);
      return value;
    });
    graph.bottoms.push(read);
    graph.tops.push(
      layer.top.map((name, j) => {
        const value: Value = { name, maker: index, readers: [], isLoss: (layer.lossWeight[j] ?? 0) !== 0 };
        latest.set(name, value);
        return value;
      }),
    );
  });
  return graph;
}

/** The only layer that reads a value, or undefined where there are none or several. */
export function soleReader(value: Value | undefined): number | undefined {
  return value?.readers.length === 1 && !value.isLoss ? value.readers[0] : undefined;
}
