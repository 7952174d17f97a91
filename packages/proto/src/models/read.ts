import { decode } from '../binary/decode.ts';
import { recognise } from '../binary/recognise.ts';
import { CaffeError } from '../errors/index.ts';
import type { NetParameter, SolverParameter } from '../generated/messages.ts';
import { has } from '../messages/message.ts';
import { parseText } from '../text/parse.ts';
import type { UpgradeOptions, UpgradeResult } from '../upgrade/note.ts';
import { convertDialect016 } from '../upgrade/quantization-016.ts';
import { upgradeNet } from '../upgrade/upgrade-net.ts';
import { upgradeSolver } from '../upgrade/upgrade-solver.ts';

export interface ReadOptions {
  /** The file the text or bytes came from, named in errors. */
  file?: string;
  /** Called where something was upgraded: the notes say what, and what was dropped. */
  onUpgrade?: (result: UpgradeResult) => void;
}

function upgradeAnd({ file, onUpgrade }: ReadOptions, upgrade: (options: UpgradeOptions) => UpgradeResult): void {
  const result = upgrade({ file });
  if (result.changed || !result.complete) onUpgrade?.(result);
}

/** Text with the quantization fields of caffe-jacinto 0.16 in those of 0.17; lines keep their numbers. */
function in017(source: string, { onUpgrade }: ReadOptions): string {
  const { text, changed, notes } = convertDialect016(source);
  if (changed && notes.length > 0) {
    const all = notes.map((note) => `quantization fields of caffe-jacinto 0.16: ${note}`);
    onUpgrade?.({ changed, complete: true, notes: all });
  }
  return text;
}

/**
 * Reads a net from text (a string) or binary (bytes) and brings it to the present form (V0, V1, old inputs,
 * quantization fields of caffe-jacinto 0.16 …).
 */
export function readNet(source: string | Uint8Array, options: ReadOptions = {}): NetParameter {
  if (typeof source !== 'string') return readWeights(source, options);
  const net = parseText('NetParameter', in017(source, options), { file: options.file });
  upgradeAnd(options, (at) => upgradeNet(net, at));
  return net;
}

/** Reads a solver from text, and upgrades its old `solver_type` and the nets written inside it. */
export function readSolver(text: string, options: ReadOptions = {}): SolverParameter {
  const solver = parseText('SolverParameter', in017(text, options), { file: options.file });
  upgradeAnd(options, (at) => upgradeSolver(solver, at));
  for (const net of [
    solver.netParam,
    solver.trainNetParam,
    ...(has(solver, 'testNetParam') ? solver.testNetParam : []),
  ]) {
    if (net !== undefined) upgradeAnd(options, (at) => upgradeNet(net, at));
  }
  return solver;
}

/**
 * Reads a .caffemodel: the net with its blobs, upgraded. Blobs are views of `bytes`.
 * @throws CaffeError 'bad-file' for truncated files, web pages, Git LFS pointers, text files and nets without layers.
 */
export function readWeights(bytes: Uint8Array, options: ReadOptions = {}): NetParameter {
  const { file } = options;
  const net = decode('NetParameter', bytes, { file });
  if (!has(net, 'layer') && !has(net, 'layers')) {
    const kind = recognise(bytes) ?? {
      problem: 'holds no layer: it is not a net in binary form',
      fix: 'give a .caffemodel',
    };
    throw new CaffeError({ code: 'bad-file', file, ...kind });
  }
  upgradeAnd(options, (at) => upgradeNet(net, at));
  return net;
}
