import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const usage = `usage: node examples/quick-start/run.mjs [--images N] [--iterations N] [--out FOLDER]

  --images      pictures to train on; a quarter as many are kept for testing (default 5000)
  --iterations  batches of 64 to train with (default: as solver.prototxt says)
  --out         folder that everything is written to (default out/quick-start)
`;

/** @returns {{images: number, iterations?: number, out: string, help: boolean}} */
export function readOptions(args, root) {
  const { values } = parseArgs({
    args,
    options: {
      images: { type: 'string', default: '5000' },
      iterations: { type: 'string' },
      out: { type: 'string', default: join(root, 'out', 'quick-start') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    images: count('images', values.images, 200),
    iterations: values.iterations === undefined ? undefined : count('iterations', values.iterations, 1),
    out: values.out,
    help: values.help,
  };
}

function count(name, text, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name} is "${text}"; give a whole number from ${least} on`);
  }
  return value;
}
