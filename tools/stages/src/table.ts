import { type Model, type StageResult, totalWork } from './measure.ts';
import { bytesText, countText, percentText, secondsText } from './units.ts';

/** A column of the table: what a cell says, and undefined where a stage has nothing to say. */
export interface Column {
  title: string;
  /** What is counted, for a reader who wonders. */
  about: string;
  cell(result: StageResult): string | undefined;
}

/** Steps that only prepare, or only write a net that the next one tests, get no line. */
export const withModel = (results: readonly StageResult[]): StageResult[] =>
  results.filter(({ model }) => model !== undefined);

/** A column where some stage has something to say. */
export function columnsFor(results: readonly StageResult[]): Column[] {
  return columns.filter(({ cell }) => results.some((result) => cell(result) !== undefined));
}

const ofModel =
  (cell: (model: Model) => string) =>
  ({ model }: StageResult): string | undefined =>
    model === undefined ? undefined : cell(model);

const columns: readonly Column[] = [
  {
    ...{ title: 'accuracy', about: 'share of right answers on all test pictures' },
    cell: ({ accuracy }) => (accuracy === undefined ? undefined : percentText(accuracy)),
  },
  {
    ...{ title: 'published', about: 'the same as caffe-jacinto published it, after the whole length of training' },
    cell: ({ stage }) =>
      stage.published?.accuracy === undefined ? undefined : percentText(stage.published.accuracy, 2),
  },
  {
    ...{ title: 'zeros', about: "share of the convolutions' weights that are 0" },
    cell: ofModel(({ sparsity }) => percentText(sparsity.zeros / sparsity.count)),
  },
  { ...{ title: 'file', about: 'the .caffemodel, in floating point' }, cell: ofModel(({ file }) => bytesText(file)) },
  {
    ...{ title: 'at 8 bits', about: 'weights in a byte each; biases and batch norms in four' },
    cell: ofModel(({ eightBits }) => bytesText(eightBits)),
  },
  {
    ...{ title: 'no zeros', about: 'the same without the zeros, with a bit a weight that tells which are left' },
    cell: ofModel(({ withoutZeros }) => bytesText(withoutZeros)),
  },
  {
    ...{ title: 'MACs left', about: 'multiply-accumulates for one picture, without those by 0' },
    cell: ofModel((model) => {
      const { dense, left } = totalWork(model);
      return `${countText(left)} (${percentText(left / dense, 0)})`;
    }),
  },
  { ...{ title: 'time', about: 'how long the command ran' }, cell: ({ seconds }) => secondsText(seconds) },
];

/** The results as text, a line a stage, with what the columns are under it. */
export function resultsTable(results: readonly StageResult[]): string {
  const columns = columnsFor(results);
  const rows = [
    ['stage', ...columns.map(({ title }) => title)],
    ...withModel(results).map((result) => [result.stage.title, ...columns.map(({ cell }) => cell(result) ?? '')]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
