/** One value of a net output as Caffe logs it; `lossWeight` where the line ends in "(* w = … loss)". */
export interface LoggedOutput {
  index: number;
  name: string;
  value: number;
  lossWeight?: number;
}

/** A display of the solver: the smoothed loss, and the outputs of the last batch. */
export interface TrainRow {
  iteration: number;
  loss: number;
  outputs: LoggedOutput[];
  /** Learning rate, where the log gives it for this iteration. */
  rate?: number;
}

/** A test of net number `net` before iteration `iteration`. */
export interface TestRow {
  iteration: number;
  net: number;
  outputs: LoggedOutput[];
}

export interface TrainingLog {
  train: TrainRow[];
  test: TestRow[];
  /** Share of zero weights in convolutions, where the solver displays it. */
  sparsity: { iteration: number; share: number }[];
  /** Weight files named by "Finetuning from". */
  weights: string[];
  /** Solver state named by "Resuming from". */
  resumedFrom?: string;
  /** Paths of the models written ("Snapshotting to … file"). */
  snapshots: string[];
}

const value = '([-+.\\w]+)';
const trainLine = new RegExp(`Iteration (\\d+)(?: \\([^)]*\\))?, (?:\\S+ep, )?loss = ${value}`);
const testStart = /Iteration (\d+), Testing net \(#(\d+)\)/;
const outputLine = new RegExp(
  `(Train|Test) net output (?:\\w+ )?#(\\d+): (\\S+) = ${value}(?: \\(\\* ${value} = ${value} loss\\))?`,
);
const namedIteration = /\bIteration (\d+)\b|\biter=(\d+)\s*$/;
const sparsityTotal = new RegExp(`Total Sparsity \\(zero_weights/count\\) = +\\([^)]*\\) ${value}`);
const rateLine = new RegExp(`Iteration (\\d+), lr = ${value}`);

/**
 * Reads the log of `caffe train` (BVLC's, NVIDIA's, SSD's and ours print the same lines). Lines of other kinds are
 * passed over; an empty or foreign text gives empty lists.
 */
export function parseTrainingLog(text: string): TrainingLog {
  const log: TrainingLog = { train: [], test: [], sparsity: [], weights: [], snapshots: [] };
  const at = { iteration: 0 };
  for (const line of text.split(/\r?\n/)) {
    readLine(log, line);
    readSparsity(log, line, at);
  }
  return log;
}

/** A table of sparsity belongs to the last iteration that was named before it. */
function readSparsity(log: TrainingLog, line: string, at: { iteration: number }): void {
  const named = namedIteration.exec(line);
  if (named !== null) at.iteration = Number(named[1] ?? named[2]);
  const total = sparsityTotal.exec(line);
  if (total !== null) log.sparsity.push({ iteration: at.iteration, share: numberOf(total[1]!) });
}

function readLine(log: TrainingLog, line: string): void {
  const output = outputLine.exec(line);
  if (output !== null) {
    const row = output[1] === 'Train' ? log.train.at(-1) : log.test.at(-1);
    row?.outputs.push({
      index: Number(output[2]),
      name: output[3]!,
      value: numberOf(output[4]!),
      ...(output[5] === undefined ? {} : { lossWeight: numberOf(output[5]) }),
    });
    return;
  }
  const test = testStart.exec(line);
  if (test !== null) {
    log.test.push({ iteration: Number(test[1]), net: Number(test[2]), outputs: [] });
    return;
  }
  const train = trainLine.exec(line);
  if (train !== null) {
    log.train.push({ iteration: Number(train[1]), loss: numberOf(train[2]!), outputs: [] });
    return;
  }
  const rate = rateLine.exec(line);
  const last = log.train.at(-1);
  if (rate !== null && last?.iteration === Number(rate[1])) last.rate = numberOf(rate[2]!);
  readFiles(log, line);
}

function readFiles(log: TrainingLog, line: string): void {
  const finetuning = /\] Finetuning from (.+?)\s*$/.exec(line);
  if (finetuning !== null && !log.weights.includes(finetuning[1]!)) log.weights.push(finetuning[1]!);
  const resuming = /\] Resuming from (.+?)\s*$/.exec(line);
  if (resuming !== null) log.resumedFrom = resuming[1]!;
  const snapshot = /\] Snapshotting to (?:binary proto|HDF5) file (.+?)\s*$/.exec(line);
  if (snapshot !== null) log.snapshots.push(snapshot[1]!);
}

/** What `caffe test` printed at its end: the mean of each output value, and the mean loss. */
export interface TestSummary {
  loss?: number;
  outputs: { name: string; value: number }[];
}

const meanLine = new RegExp(`^[IWEF][^\\]]*\\] (\\S+) = ${value}(?: \\(\\*|\\s*$)`);

/** Reads the log of `caffe test`; the lines "Batch i, …" are passed over. */
export function parseTestLog(text: string): TestSummary {
  const summary: TestSummary = { outputs: [] };
  for (const line of text.split(/\r?\n/)) {
    const loss = new RegExp(`\\] Loss: ${value}`).exec(line);
    if (loss !== null) summary.loss = numberOf(loss[1]!);
    const mean = meanLine.exec(line);
    if (mean !== null) summary.outputs.push({ name: mean[1]!, value: numberOf(mean[2]!) });
  }
  return summary;
}

/** C's spelling of numbers: nan, -nan, inf and -inf included. */
function numberOf(text: string): number {
  if (/nan/i.test(text)) return Number.NaN;
  if (/inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
