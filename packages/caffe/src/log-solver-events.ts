import { printText } from '@jacinto/proto';
import type { NetSource, OutputValue, SolverEvent } from '@jacinto/solvers-mixed';
import { formatNumber } from './format-number.ts';
import type { Log } from './glog.ts';
import { logNetEvent } from './log-net-events.ts';
import { logUpgrade } from './log-upgrade.ts';

type EventOf<T extends SolverEvent['type']> = Extract<SolverEvent, { type: T }>;

/** A line of the log: where Caffe writes it from, and its text. */
type Line = readonly [source: string, text: string];

/** Logs what a solver tells, in the words of NVCaffe 0.17 that parse_log.py reads. */
export function logSolverEvent(log: Log, event: SolverEvent): void {
  if (event.type === 'net') logNetEvent(log, event.event);
  else if (event.type === 'upgraded') logUpgrade(log, event.file, event.result);
  else if (event.type === 'warning') log.warning('solver.cpp:0', event.message);
  else for (const [source, text] of linesOf(event)) log.info(source, text);
}

function linesOf(event: Exclude<SolverEvent, EventOf<'net' | 'upgraded' | 'warning'>>): readonly Line[] {
  switch (event.type) {
    case 'initializing': {
      const text = printText('SolverParameter', event.param).trimEnd();
      return [['solver.cpp:45', `Initializing solver from parameters: \n${text}`]];
    }
    case 'creating-net':
      return event.role === 'train'
        ? [['solver.cpp:102', `Creating training net ${trainSource(event.source)}`]]
        : [['solver.cpp:190', `Creating test net (#${event.index}) specified by ${testSource(event.source)}`]];
    case 'ready':
      return [['solver.cpp:57', 'Solver scaffolding done.']];
    case 'finetuning':
      return [['caffe.cpp:170', `Finetuning from ${event.file}`]];
    case 'restored':
      return [['sgd_solver.cpp:336', `SGDSolver: restoring history${restoredHow(event)}`]];
    case 'solving':
      return [
        ['solver.cpp:289', `Solving ${event.net}`],
        ['solver.cpp:290', `Learning Rate Policy: ${event.policy}`],
      ];
    case 'tests-started':
      return event.initial ? [['solver.cpp:230', 'Initial Test started...']] : [];
    case 'tests-completed': {
      const words = event.initial ? 'Initial Test completed' : 'Tests completed';
      return [['solver.cpp:250', `${words} in ${formatNumber(event.seconds)}s`]];
    }
    case 'testing':
      return [['solver.cpp:347', `Iteration ${event.iter}, Testing net (#${event.net})`]];
    case 'test-batch':
      return [];
    case 'tested':
      return testedLines(event);
    case 'test-interrupted':
      return [['solver.cpp:387', 'Test interrupted.']];
    case 'multistep':
      return [['sgd_solver.cpp:50', `MultiStep Status: Iteration ${event.iter}, step = ${event.step}`]];
    case 'gradients-clipped': {
      const [norm, limit, factor] = [event.norm, event.limit, event.factor].map(formatNumber);
      const text = `Gradient clipping: scaling down gradients (L2 norm ${norm} > ${limit}) by scale factor ${factor}`;
      return [['sgd_solver.cpp:97', text]];
    }
    case 'iteration':
      return iterationLines(event);
    case 'snapshot':
      return snapshotLines(event);
    case 'final-loss':
      return [['solver.cpp:327', `Iteration ${event.iter}, loss = ${formatNumber(event.loss)}`]];
    case 'stopped-early':
      return [['solver.cpp:317', 'Optimization stopped early.']];
    case 'done':
      return [['solver.cpp:332', 'Optimization Done.']];
  }
}

/** `loss = 1.3 (* 1 = 1.3 loss)`; the parenthesis only where the blob has a loss weight. */
export function outputText({ blob, value, lossWeight }: OutputValue): string {
  const loss = lossWeight === 0 ? '' : ` (* ${formatNumber(lossWeight)} = ${formatNumber(lossWeight * value)} loss)`;
  return `${blob} = ${formatNumber(value)}${loss}`;
}

function testedLines({ outputs, loss }: EventOf<'tested'>): Line[] {
  const lines: Line[] = loss === undefined ? [] : [['solver.cpp:399', `Test loss: ${formatNumber(loss)}`]];
  outputs.forEach((output, j) => {
    lines.push(['solver.cpp:414', `    Test net output #${j}: ${outputText(output)}`]);
  });
  return lines;
}

function iterationLines({ iter, display, smoothedLoss, ...at }: EventOf<'iteration'>): Line[] {
  if (display === undefined) return [];
  const { pace, warmingUp, rates, outputs, epochs } = display;
  const seconds = formatNumber(pace.seconds);
  const speed = formatNumber(pace.iterations / (pace.seconds > 0 ? pace.seconds : 1));
  const time = warmingUp ? `${seconds} s` : `${speed} iter/s, ${seconds}s/${pace.iterations} iter`;
  const tenth = (value: number) => formatNumber(Math.round(value * 10) / 10);
  const epochText = epochs === undefined ? '' : `${tenth(epochs.done)}/${tenth(epochs.total)}ep, `;
  const lines: Line[] = [
    ['solver.cpp:239', `Iteration ${iter} (${time}), ${epochText}loss = ${formatNumber(smoothedLoss)}`],
  ];
  outputs.forEach((output, k) => {
    lines.push(['solver.cpp:258', `    Train net output #${k}: ${outputText(output)}`]);
  });
  if (!rates) return lines;
  const scale = formatNumber(Math.round(at.gradientScale * 100) / 100);
  const [rate, momentum, decay] = [at.rate, at.momentum, at.weightDecay].map(formatNumber);
  lines.push(['sgd_solver.cpp:112', `Iteration ${iter}, lr = ${rate}, m = ${momentum}, wd = ${decay}, gs = ${scale}`]);
  return lines;
}

function snapshotLines({ kind, file }: EventOf<'snapshot'>): Line[] {
  const hdf5 = file.endsWith('.h5');
  const form = hdf5 ? 'HDF5' : 'binary proto';
  return kind === 'weights'
    ? [[`solver.cpp:${hdf5 ? 474 : 464}`, `Snapshotting to ${form} file ${file}`]]
    : [[`sgd_solver.cpp:${hdf5 ? 296 : 284}`, `Snapshotting solver state to ${form} file ${file}`]];
}

function trainSource({ field, file }: NetSource): string {
  return file === undefined ? `specified in ${field}.` : `from ${field} file: ${file}`;
}

function testSource({ field, file }: NetSource): string {
  return file === undefined ? field : `${field} file: ${file}`;
}

function restoredHow({ iter, exact }: EventOf<'restored'>): string {
  return exact
    ? ` (iteration ${iter}, exact continuation)`
    : ` (iteration ${iter}; data and random numbers start anew)`;
}
