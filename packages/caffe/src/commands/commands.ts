import type { Command } from './command.ts';
import { deviceQuery } from './device-query.ts';
import { optimize } from './optimize.ts';
import { test } from './test.ts';
import { threshold } from './threshold.ts';
import { time } from './time.ts';
import { train } from './train.ts';

/** The commands by name, in alphabetical order; `threshold` is caffe-jacinto 0.16's. */
export const commands: Readonly<Record<string, Command>> = {
  device_query: deviceQuery,
  optimize,
  test,
  threshold,
  time,
  train,
};

/** Commands of caffe-jacinto 0.17 that are not built yet. */
export const laterCommands: readonly string[] = ['test_detection', 'test_segmentation'];
