import { type StageResult, totalWork } from './measure.ts';
import { bytesText, countText, percentText, pointsText } from './units.ts';

/** What the stages have come to, in sentences: what was lost, what was won, and whether absorbing changed anything. */
export function findings(results: readonly StageResult[]): string[] {
  const by = (name: string) => results.find(({ stage }) => stage.name === name);
  const [initial, sparse, test, quantized, merged] = ['initial', 'sparse', 'test', 'quantized', 'merged'].map(by);
  const lines: string[] = [];
  if (initial?.model !== undefined && sparse?.model !== undefined) {
    const { sparsity } = sparse.model;
    const target = sparse.stage.training?.solver.sparsityTarget;
    const reached = sparsity.zeros / sparsity.count;
    const aim =
      target === undefined ? '' : ` (target ${percentText(target, 0)}${reached < target ? ', not reached' : ''})`;
    lines.push(
      `${percentText(reached)} of the convolutions' ${sparsity.count} weights are 0${aim}; ${countText(totalWork(sparse.model).left)} of ${countText(totalWork(initial.model).dense)} multiply-accumulates a picture are left.`,
    );
  }
  const lost = (from: StageResult | undefined, to: StageResult | undefined, words: string) => {
    if (from?.accuracy === undefined || to?.accuracy === undefined) return;
    lines.push(`${words}: ${pointsText(from.accuracy, to.accuracy)} of accuracy.`);
  };
  lost(initial, test, 'From the first training to the sparse net');
  lost(test, quantized, 'By rounding to 8 bits');
  if (test?.accuracy !== undefined && merged?.accuracy !== undefined) {
    const equal = test.accuracy === merged.accuracy;
    const checked = by('optimize')?.checked?.replace(/^Checked: /, '');
    lines.push(
      `With the batch norms absorbed the accuracy is ${equal ? 'the same' : `NOT the same (${pointsText(test.accuracy, merged.accuracy)})`}${checked === undefined ? '' : `; outputs compared: ${checked}`}.`,
    );
  }
  if (initial?.model !== undefined && merged?.model !== undefined) {
    lines.push(
      `The net went from ${bytesText(initial.model.file)} to ${bytesText(merged.model.withoutZeros)}, in 8 bits and without its zeros.`,
    );
  }
  return lines;
}
