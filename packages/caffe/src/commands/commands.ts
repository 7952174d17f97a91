import type { Command } from './command.ts';
import { deviceQuery } from './device-query.ts';
import { test } from './test.ts';
import { time } from './time.ts';
import { train } from './train.ts';

/** The commands by name, in alphabetical order. */
export const commands: Readonly<Record<string, Command>> = {
  device_query: deviceQuery,
  test,
  time,
  train,
};

/** Commands of caffe-jacinto 0.17 that are not built yet. */
export const laterCommands: readonly string[] = ['optimize', 'test_detection', 'test_segmentation'];
