import { bestClass } from '../best-class.ts';
import type { RunnableNet } from './runner.ts';

/** Scores of a net over the batches it ran. */
export interface Score {
  name: string;
  exact: number;
  quantized: number;
}

/** Collects what the outputs of a float net and of its quantized twin say. */
export class OutputScores {
  private readonly sums = new Map<string, { exact: number; quantized: number; count: number }>();
  private readonly labelled: boolean;

  /** @param labelled Whether a blob "label" holds true classes. */
  constructor(labelled: boolean) {
    this.labelled = labelled;
  }

  async add(exact: RunnableNet, quantized: RunnableNet): Promise<void> {
    const scores = exact.outputs.filter(({ name }) => name !== 'label');
    for (const { name, tensor } of scores) {
      const a = await tensor.data.read();
      const b = await quantized.blobs.get(name)!.data.read();
      if (tensor.count === 1) this.note(name, a[0]!, b[0]!, 1);
      else if (isClassScore(tensor.shape)) await this.addClasses(name, tensor.shape, a, b, exact);
    }
  }

  /** In the order of the net's outputs. */
  results(): Score[] {
    return [...this.sums].map(([name, { exact, quantized, count }]) => {
      return { name, exact: exact / count, quantized: quantized / count };
    });
  }

  private async addClasses(
    name: string,
    shape: readonly number[],
    a: ArrayLike<number>,
    b: ArrayLike<number>,
    net: RunnableNet,
  ): Promise<void> {
    const [images, classes] = shape as [number, number];
    const labels = this.labelled ? await net.blobs.get('label')?.data.read() : undefined;
    for (let n = 0; n < images; n++) {
      const exact = bestClass(a, n * classes, classes);
      const quantized = bestClass(b, n * classes, classes);
      this.note(`${name}: same class`, 1, exact === quantized ? 1 : 0, 1);
      const label = labels?.[n];
      if (label !== undefined) this.note(`${name}: top-1`, exact === label ? 1 : 0, quantized === label ? 1 : 0, 1);
    }
  }

  private note(name: string, exact: number, quantized: number, count: number): void {
    const sum = this.sums.get(name) ?? { exact: 0, quantized: 0, count: 0 };
    this.sums.set(name, {
      exact: sum.exact + exact,
      quantized: sum.quantized + quantized,
      count: sum.count + count,
    });
  }
}

/** N images × C classes, one place each. */
const isClassScore = (shape: readonly number[]): boolean =>
  shape.length >= 2 && shape[1]! > 1 && shape.slice(2).every((length) => length === 1);
