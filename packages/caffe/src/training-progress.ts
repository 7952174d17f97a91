import type { SolverEvent } from '@jacinto/solvers-mixed';
import { duration } from './duration.ts';
import type { ProgressBar } from './progress.ts';

/** Shows a training on the progress bar, and sums it up in the end. */
export class TrainingProgress {
  private readonly bar: ProgressBar;
  private readonly begin = performance.now();
  private maxIter = 0;
  private iter = 0;
  private loss: number | undefined;
  private readonly tested = new Map<string, number>();
  private snapshot: string | undefined;
  private stopped = false;

  constructor(bar: ProgressBar) {
    this.bar = bar;
  }

  show(event: SolverEvent): void {
    switch (event.type) {
      case 'iteration':
        this.maxIter = event.maxIter;
        this.iter = event.iter + 1;
        this.loss = event.smoothedLoss;
        this.draw(this.iter, event.maxIter, 'it');
        break;
      case 'test-batch':
        this.draw(event.batch + 1, event.batches, 'test batches');
        break;
      case 'tested':
        for (const { blob, value } of event.outputs) this.tested.set(blob, value);
        break;
      case 'snapshot':
        if (event.kind === 'state') this.snapshot = event.file;
        break;
      case 'stopped-early':
        this.stopped = true;
        break;
    }
  }

  end(): void {
    this.bar.end();
  }

  /** For example `40 iterations in 0m 3s, loss 1.24, test accuracy 0.63, snapshot a_iter_40.solverstate`. */
  summary(format: (value: number) => string): string {
    const count = this.stopped ? `stopped after iteration ${this.iter} of ${this.maxIter}` : `${this.iter} iterations`;
    const parts = [`${count} in ${duration((performance.now() - this.begin) / 1000)}`];
    if (this.loss !== undefined) parts.push(`loss ${format(this.loss)}`);
    for (const [blob, value] of this.tested) parts.push(`test ${blob} ${format(value)}`);
    if (this.snapshot !== undefined) parts.push(`snapshot ${this.snapshot}`);
    return parts.join(', ');
  }

  private draw(done: number, total: number, unit: string): void {
    const values: [string, number][] = this.loss === undefined ? [] : [['loss', this.loss]];
    const accuracy = [...this.tested].find(([blob]) => blob.includes('accuracy') || blob.includes('top'));
    if (accuracy !== undefined) values.push(accuracy);
    this.bar.update({ done, total, unit, values });
  }
}
