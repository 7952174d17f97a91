import { formatG } from './format-g.ts';
import { type SparsityTable, tableLines } from './table.ts';

/** What the plug-in tells. */
export type SparsityEvent =
  /** Masks were made from the present zeros. */
  | { type: 'frozen' }
  /** Zeros are about to be made. */
  | { type: 'finding'; iter: number; target: number; factor: number; achieved: number }
  /** A Convolution layer was looked at, with its inputs and outputs. */
  | { type: 'layer'; layer: string; inputs: number; outputs: number }
  /** Weights of the layer were zeroed; `fraction` of them are 0 now. */
  | { type: 'thresholded'; layer: string; fraction: number }
  | { type: 'table'; when: 'update' | 'training'; iter: number; table: SparsityTable }
  | { type: 'warning'; message: string };

/** A line of the original's log. */
export interface LogLine {
  severity: 'I' | 'W';
  /** File and line of caffe-jacinto 0.17. */
  source: string;
  text: string;
}

/** An event as caffe-jacinto 0.17 logs it. */
export function sparsityLog(event: SparsityEvent): LogLine[] {
  const info = (source: string, text: string): LogLine => ({ severity: 'I', source, text });
  const warning = (source: string, text: string): LogLine => ({ severity: 'W', source, text });
  switch (event.type) {
    case 'frozen':
      return [info('net.cpp:2707', 'All zero weights of convolution layers are frozen')];
    case 'finding': {
      const { target, factor, achieved, iter } = event;
      const facts = `sparsity_target=${formatG(target)} sparsity_factor=${formatG(factor)} sparsity_achieved=${formatG(achieved)} iter=${iter}`;
      return [info('solver.cpp:981', `Finding and applying sparsity: ${facts}`)];
    }
    case 'layer':
      return [warning('net.cpp:2612', `${event.layer} ni=${event.inputs} no=${event.outputs}`)];
    case 'thresholded':
      return [warning('net.cpp:2674', `${event.layer} ZeroWeightsFraction=${formatG(event.fraction)}`)];
    case 'table': {
      const title = event.when === 'update' ? 'solver.cpp:391' : 'solver.cpp:421';
      return [info(title, `Sparsity after ${event.when}:`), ...tableLog(event.table)];
    }
    case 'warning':
      return [warning('sparsity', event.message)];
  }
}

/** A table's lines with the places in net.cpp that write them. */
export function tableLog(table: SparsityTable): LogLine[] {
  const [head, row, total] = table.kind === 'Sparsity' ? [2727, 2738, 2742] : [2757, 2768, 2772];
  const lines = tableLines(table);
  return lines.map((text, i) => {
    const line = i === 0 ? head : i === lines.length - 1 ? total : row;
    return { severity: 'I', source: `net.cpp:${line}`, text };
  });
}
