import type { LoggedOutput, TrainingLog, TrainRow } from '@jacinto/plot/log';
import type { OutputValue, SolverEvent } from '@jacinto/solvers-mixed';
import { trainingTolerance } from './case-context.ts';
import { type Comparison, relativeError } from './compare.ts';

type Shown = { loss: number; outputs: readonly OutputValue[]; rate?: number };
type Tested = Extract<SolverEvent, { type: 'tested' }>;

/** Compares what a run told with what the log of the recorded run says: losses, outputs, rates, tests. */
export function compareLog(log: TrainingLog, events: readonly SolverEvent[], comparison: Comparison): void {
  const shown = shownLosses(events);
  for (const row of log.train) compareRow(row, shown.get(row.iteration), comparison);
  const tested = events.filter((event): event is Tested => event.type === 'tested');
  const done = new Set<Tested>();
  for (const { iteration, net, outputs } of log.test) {
    const test = tested.find((event) => event.iter === iteration && event.net === net && !done.has(event));
    if (test === undefined) comparison.addFault(`no test at ${iteration}`);
    else {
      done.add(test);
      compareOutputs(`test at ${iteration}`, outputs, test.outputs, comparison);
    }
  }
}

/** What was displayed, by iteration; the last forward pass after the last iteration too. */
function shownLosses(events: readonly SolverEvent[]): Map<number, Shown> {
  const shown = new Map<number, Shown>();
  for (const event of events) {
    if (event.type === 'iteration' && event.display !== undefined) {
      shown.set(event.iter, { loss: event.smoothedLoss, outputs: event.display.outputs, rate: event.rate });
    }
    if (event.type === 'final-loss') shown.set(event.iter, { loss: event.loss, outputs: [] });
  }
  return shown;
}

function compareRow(row: TrainRow, shown: Shown | undefined, comparison: Comparison): void {
  const { iteration } = row;
  if (shown === undefined) {
    comparison.addFault(`no loss at ${iteration}`);
    return;
  }
  comparison.add(`loss at ${iteration}`, relativeError([shown.loss], [row.loss]), trainingTolerance);
  compareOutputs(`train output at ${iteration}`, row.outputs, shown.outputs, comparison);
  // The log holds six digits.
  if (row.rate !== undefined)
    comparison.add(`lr at ${iteration}`, relativeError([shown.rate ?? Number.NaN], [row.rate]), 1e-5);
}

function compareOutputs(
  label: string,
  logged: readonly LoggedOutput[],
  outputs: readonly OutputValue[],
  comparison: Comparison,
): void {
  for (const { index, name, value } of logged) {
    const output = outputs[index];
    if (output?.blob !== name)
      comparison.addFault(`${label}: output #${index} is ${output?.blob ?? 'not there'}, not ${name}`);
    else comparison.add(`${label}: ${name}`, relativeError([output.value], [value]), trainingTolerance);
  }
}
