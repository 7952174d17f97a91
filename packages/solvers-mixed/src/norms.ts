import { type Backend, Tensor, type Values } from '@jacinto/core-tensor';

/** Sums of squares of arrays of fixed lengths, computed on the backend; index i belongs to counts[i]. */
export class SquaredNorms {
  private readonly backend: Backend;
  private readonly operations;
  private readonly results: readonly Tensor[];

  constructor(backend: Backend, counts: readonly number[]) {
    this.backend = backend;
    this.operations = counts.map((axis) => backend.reduce({ method: 'sumsq', outer: 1, axis, inner: 1 }));
    this.results = counts.map(() => new Tensor(backend, [1]));
  }

  /** One sum a given array. Sums are float32, in the backend's fixed order. */
  async of(arrays: readonly Values[]): Promise<number[]> {
    arrays.forEach((values, index) => {
      this.operations[index]!.run(values, this.results[index]!.data);
    });
    if (!this.backend.synchronous) await this.backend.finish();
    const sums: number[] = [];
    for (const { data } of this.results) sums.push((await data.read())[0]!);
    return sums;
  }

  dispose(): void {
    for (const result of this.results) result.dispose();
  }
}
