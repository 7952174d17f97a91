import type { Flags, ParsedFlags } from './gflags.ts';

/** The flags of `caffe`; those from `plugin` on are Jacinto's own. */
export const caffeFlags = {
  gpu: {
    kind: 'string',
    default: '',
    description: "Optional; run in GPU mode on given device IDs separated by ','. Use '-gpu all' to run on all GPUs.",
  },
  solver: { kind: 'string', default: '', description: 'The solver definition protocol buffer text file.' },
  model: { kind: 'string', default: '', description: 'The model definition protocol buffer text file.' },
  phase: { kind: 'string', default: '', description: 'Optional; network phase (TRAIN or TEST). Only used for time.' },
  level: { kind: 'integer', default: 0, description: 'Optional; network level.' },
  stage: {
    kind: 'string',
    default: '',
    description: "Optional; network stages (not to be confused with phase), separated by ','.",
  },
  snapshot: { kind: 'string', default: '', description: 'Optional; the snapshot solver state to resume training.' },
  weights: {
    kind: 'string',
    default: '',
    description:
      "Optional; the pretrained weights to initialize finetuning, separated by ','. Cannot be set simultaneously with snapshot.",
  },
  iterations: { kind: 'integer', default: 50, description: 'The number of iterations to run.' },
  sigint_effect: {
    kind: 'string',
    default: 'stop',
    description: 'Optional; action to take when a SIGINT signal is received: snapshot, stop or none.',
  },
  sighup_effect: {
    kind: 'string',
    default: 'snapshot',
    description: 'Optional; action to take when a SIGHUP signal is received: snapshot, stop or none.',
  },
  plugin: {
    kind: 'list',
    default: [],
    description: 'Optional; a JavaScript module with layer classes of your own, for example ./my-layer.mjs.',
  },
  backend: {
    kind: 'string',
    default: 'auto',
    description: 'Optional; what computes: cpu, onednn, or auto: the environment variable JACINTO_BACKEND, else cpu.',
  },
  threads: {
    kind: 'integer',
    default: 0,
    description: 'Optional; CPU threads. 0: the environment variable JACINTO_THREADS, else one a core.',
  },
  compat: {
    kind: 'string',
    default: 'nvcaffe',
    description: 'Optional; whose habits to follow where Caffes differ: nvcaffe (caffe-jacinto 0.17) or bvlc.',
  },
  quiet: { kind: 'boolean', default: false, description: 'Optional; no log, only the progress bar and a summary.' },
  debug: { kind: 'boolean', default: false, description: 'Optional; show where in the program an error arose.' },
  help: { kind: 'boolean', default: false, description: 'Show this text.' },
  version: { kind: 'boolean', default: false, description: 'Show the version.' },
} as const satisfies Flags;

export type CaffeFlags = ParsedFlags<typeof caffeFlags>['values'];

/** `--stage` split at commas; an empty flag gives one empty stage, as in Caffe. */
export function stagesOf({ stage }: Pick<CaffeFlags, 'stage'>): string[] {
  return stage.split(',');
}

/** A comma-separated list without empty entries. */
export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
