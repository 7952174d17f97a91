import { type ChartOptions, lineChart, type Series } from './line-chart.ts';
import type { TrainingLog } from './parse-log.ts';

/**
 * A training run as one picture (SVG): train loss on the left axis (raw pale, its running mean strong), and what the
 * tests gave on the right axis: every output of test net 0 whose name says accuracy; and the share of zero weights,
 * where the log tells it.
 */
export function trainingChart(
  log: TrainingLog,
  title?: string,
  options: Pick<ChartOptions, 'width' | 'height' | 'palette'> = {},
): string {
  const raw = log.train.map(({ iteration, loss }) => [iteration, loss] as const);
  const series: Series[] = [];
  const smooth = raw.length > 150;
  series.push({ name: 'train loss', points: raw, color: 0, faint: smooth });
  if (smooth) {
    const window = Math.max(5, Math.ceil(raw.length / 40));
    series.push({ name: `mean of ${window}`, points: runningMean(raw, window), color: 0 });
  }
  const names = [
    ...new Set(log.test.filter(({ net }) => net === 0).flatMap(({ outputs }) => outputs.map(({ name }) => name))),
  ];
  for (const name of names.filter((one) => /acc|top/i.test(one))) {
    const points = log.test
      .filter(({ net }) => net === 0)
      .flatMap(({ iteration, outputs }) =>
        outputs.filter((one) => one.name === name).map((one) => [iteration, one.value] as const),
      );
    series.push({
      name: `test ${name}`,
      points,
      axis: 'right',
      color: 1 + series.filter(({ axis }) => axis === 'right').length * 2,
      dots: points.length <= 40,
    });
  }
  if (log.sparsity.length > 0) {
    const points = log.sparsity.map(({ iteration, share }) => [iteration, share] as const);
    series.push({ name: 'zeros', points, axis: 'right', color: 2 });
  }
  const y2Label = log.sparsity.length > 0 ? 'accuracy, share of zeros' : 'accuracy';
  return lineChart(series, { ...options, title, xLabel: 'iteration', yLabel: 'loss', y2Label, y2Range: [0, 1] });
}

function runningMean(points: readonly (readonly [number, number])[], window: number): [number, number][] {
  return points.map(([x], i) => {
    const part = points.slice(Math.max(0, i - window + 1), i + 1);
    return [x, part.reduce((sum, [, y]) => sum + y, 0) / part.length];
  });
}
