import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

export const usage = `usage: npm start -- [--fresh] [--images N] [--iterations N] [--out FOLDER]

  --fresh       begins anew; default: goes on where the last run in FOLDER stopped
  --images      pictures to train on; a quarter as many are kept for testing (default 5000)
  --iterations  batches of 64 in the first training; the other two change alike (default: as the solvers say)
  --out         folder that everything is written to (default out/quick-start)
`;

/** @returns {{images: number, iterations?: number, out: string, fresh: boolean, help: boolean}} */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      images: { type: 'string', default: '5000' },
      iterations: { type: 'string' },
      out: { type: 'string', default: join(root, 'out', 'quick-start') },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    ...values,
    images: count('images', values.images, 200),
    iterations: values.iterations === undefined ? undefined : count('iterations', values.iterations, 1),
  };
}

function count(name, text, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name} is "${text}"; give a whole number from ${least} on`);
  }
  return value;
}
