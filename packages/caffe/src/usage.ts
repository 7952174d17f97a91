import { caffeFlags } from './flags.ts';
import { describeFlags } from './gflags.ts';

const text = `command line brew
usage: caffe <command> <args>

commands:
  train           train or finetune a model
  test            score a model
  optimize        merge batch norms into their neighbours
  threshold       make convolution weights sparse at once
  device_query    show GPU diagnostic information
  time            benchmark model execution time`;

/** What `caffe` prints when it is called without a command. */
export function usage(): string {
  return `caffe: ${text}\n\n  Flags from tools/caffe.cpp:\n${describeFlags(caffeFlags)}`;
}
