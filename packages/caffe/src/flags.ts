import type { Flags, ParsedFlags } from './gflags.ts';

/** The flags of `caffe`; `output` and `threshold_…` are those of caffe-jacinto 0.16, those from `plugin` on Jacinto's own. */
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
  output_model: {
    kind: 'string',
    default: '',
    description: 'Optional; where test, optimize and threshold save the model: folder/name, without its ending.',
  },
  output: { kind: 'string', default: '', description: 'The same as output_model (caffe-jacinto 0.16).' },
  optimize_net: {
    kind: 'boolean',
    default: false,
    description: 'Optional; merge batch norms into their neighbours before scoring. Only used for test.',
  },
  display_sparsity: {
    kind: 'boolean',
    default: false,
    description: 'Optional; show how many weights of convolutions are zero. Only used for test.',
  },
  threshold_fraction_low: {
    kind: 'number',
    default: 0.4,
    description: 'Share of zeros in convolutions with few inputs or outputs. Only used for threshold.',
  },
  threshold_fraction_mid: {
    kind: 'number',
    default: 0.8,
    description: 'Share of zeros in convolutions with 32 inputs and outputs or more. Only used for threshold.',
  },
  threshold_fraction_high: {
    kind: 'number',
    default: 0.8,
    description: 'Share of zeros in convolutions with 256 inputs and 512 outputs or more. Only used for threshold.',
  },
  threshold_value_maxratio: {
    kind: 'number',
    default: 0.2,
    description: "No weight above this part of its layer's largest becomes zero. Only used for threshold.",
  },
  threshold_value_max: {
    kind: 'number',
    default: 0.2,
    description: 'No weight above this value becomes zero. Only used for threshold.',
  },
  threshold_step_factor: {
    kind: 'number',
    default: 1e-6,
    description:
      "Step of the search for the threshold, as a part of a layer's largest weight. Only used for threshold.",
  },
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
  sparsity_exclude: {
    kind: 'string',
    default: '',
    description: "Optional; layers that sparse training leaves alone, separated by ','; a * stands for any letters.",
  },
  backend: {
    kind: 'string',
    default: 'auto',
    description:
      'Optional; what computes: cpu (or wasm), onednn, or auto: as the environment variable JACINTO_BACKEND says, else ' +
      'onednn where the system has it, else cpu.',
  },
  threads: {
    kind: 'integer',
    default: 0,
    description: 'Optional; CPU threads. 0: the environment variable JACINTO_THREADS, else one a core.',
  },
  compat: {
    kind: 'string',
    default: 'nvcaffe',
    description:
      'Optional; whose habits to follow where Caffes differ: nvcaffe, bvlc, or caffe-jacinto-0.17 with its faults.',
  },
  fusion: {
    kind: 'boolean',
    default: true,
    description:
      'Optional; let layers do the work of ReLU layers behind them. --nofusion, or the environment variable JACINTO_FUSION=0: each layer by itself.',
  },
  plan: {
    kind: 'boolean',
    default: false,
    description:
      'Optional; show each layer’s operations, fusions, layout and memory before timing. Only used for time.',
  },
  reuse_buffers: {
    kind: 'boolean',
    default: true,
    description: 'Optional; let blobs take turns in memory. --noreuse_buffers: each has its own. Only used for test.',
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
