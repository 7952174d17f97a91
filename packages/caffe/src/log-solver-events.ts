import { printText } from '@jacinto/proto';
import type { NetSource, OutputValue, SolverEvent } from '@jacinto/solvers-mixed';
import { formatNumber } from './format-number.ts';
import type { Log } from './glog.ts';
import { logNetEvent } from './log-net-events.ts';

type EventOf<T extends SolverEvent['type']> = Extract<SolverEvent, { type: T }>;

/** Logs what a solver tells, in the words of NVCaffe 0.17 that parse_log.py reads. */
export function logSolverEvent(log: Log, event: SolverEvent): void {
  switch (event.type) {
    case 'initializing':
      return log.info(
        'solver.cpp:45',
        `Initializing solver from parameters: \n${printText('SolverParameter', event.param).trimEnd()}`,
      );
    case 'creating-net':
      return event.role === 'train'
        ? log.info('solver.cpp:102', `Creating training net ${trainSource(event.source)}`)
        : log.info('solver.cpp:190', `Creating test net (#${event.index}) specified by ${testSource(event.source)}`);
    case 'net':
      return logNetEvent(log, event.event);
    case 'ready':
      return log.info('solver.cpp:57', 'Solver scaffolding done.');
    case 'warning':
      return log.warning('solver.cpp:0', event.message);
    case 'finetuning':
      return log.info('caffe.cpp:170', `Finetuning from ${event.file}`);
    case 'restored':
      return log.info('sgd_solver.cpp:336', `SGDSolver: restoring history${restoredHow(event)}`);
    case 'solving':
      log.info('solver.cpp:289', `Solving ${event.net}`);
      return log.info('solver.cpp:290', `Learning Rate Policy: ${event.policy}`);
    case 'tests-started':
      return event.initial ? log.info('solver.cpp:230', 'Initial Test started...') : undefined;
    case 'tests-completed': {
      const words = event.initial ? 'Initial Test completed' : 'Tests completed';
      return log.info('solver.cpp:250', `${words} in ${formatNumber(event.seconds)}s`);
    }
    case 'testing':
      return log.info('solver.cpp:347', `Iteration ${event.iter}, Testing net (#${event.net})`);
    case 'test-batch':
      return undefined;
    case 'tested':
      if (event.loss !== undefined) log.info('solver.cpp:399', `Test loss: ${formatNumber(event.loss)}`);
      return event.outputs.forEach((output, j) => {
        log.info('solver.cpp:414', `    Test net output #${j}: ${outputText(output)}`);
      });
    case 'test-interrupted':
      return log.info('solver.cpp:387', 'Test interrupted.');
    case 'multistep':
      return log.info('sgd_solver.cpp:50', `MultiStep Status: Iteration ${event.iter}, step = ${event.step}`);
    case 'gradients-clipped': {
      const [norm, limit, factor] = [event.norm, event.limit, event.factor].map(formatNumber);
      const text = `Gradient clipping: scaling down gradients (L2 norm ${norm} > ${limit}) by scale factor ${factor}`;
      return log.info('sgd_solver.cpp:97', text);
    }
    case 'iteration':
      return logIteration(log, event);
    case 'snapshot':
      return event.kind === 'weights'
        ? log.info('solver.cpp:464', `Snapshotting to binary proto file ${event.file}`)
        : log.info('sgd_solver.cpp:284', `Snapshotting solver state to binary proto file ${event.file}`);
    case 'final-loss':
      return log.info('solver.cpp:327', `Iteration ${event.iter}, loss = ${formatNumber(event.loss)}`);
    case 'stopped-early':
      return log.info('solver.cpp:317', 'Optimization stopped early.');
    case 'done':
      return log.info('solver.cpp:332', 'Optimization Done.');
  }
}

/** `loss = 1.3 (* 1 = 1.3 loss)`; the parenthesis only where the blob has a loss weight. */
export function outputText({ blob, value, lossWeight }: OutputValue): string {
  const loss = lossWeight === 0 ? '' : ` (* ${formatNumber(lossWeight)} = ${formatNumber(lossWeight * value)} loss)`;
  return `${blob} = ${formatNumber(value)}${loss}`;
}

function logIteration(log: Log, { iter, display, smoothedLoss, ...at }: EventOf<'iteration'>): void {
  if (display === undefined) return;
  const { pace, warmingUp, rates, outputs, epochs } = display;
  const seconds = formatNumber(pace.seconds);
  const speed = formatNumber(pace.iterations / (pace.seconds > 0 ? pace.seconds : 1));
  const time = warmingUp ? `${seconds} s` : `${speed} iter/s, ${seconds}s/${pace.iterations} iter`;
  const tenth = (value: number) => formatNumber(Math.round(value * 10) / 10);
  const epochText = epochs === undefined ? '' : `${tenth(epochs.done)}/${tenth(epochs.total)}ep, `;
  log.info('solver.cpp:239', `Iteration ${iter} (${time}), ${epochText}loss = ${formatNumber(smoothedLoss)}`);
  outputs.forEach((output, k) => {
    log.info('solver.cpp:258', `    Train net output #${k}: ${outputText(output)}`);
  });
  if (!rates) return;
  const scale = formatNumber(Math.round(at.gradientScale * 100) / 100);
  const [rate, momentum, decay] = [at.rate, at.momentum, at.weightDecay].map(formatNumber);
  log.info('sgd_solver.cpp:112', `Iteration ${iter}, lr = ${rate}, m = ${momentum}, wd = ${decay}, gs = ${scale}`);
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
