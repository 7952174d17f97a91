import { parseArgs } from 'node:util';
import { CaffeError, firstSentence } from '@jacinto/proto/errors';

export type GoldenBackend = 'cpu' | 'onednn' | 'reference';

export const usage = `usage: npm run golden -- FOLDER… [--data FOLDER] [--backend NAME] [--filter NAME]

  Runs every recorded case in the folders and those within them: layers, models, dumps of data layers,
  training runs, files that must read, broken files that must be refused.

  --data     folder of the databases and pictures that nets name and that do not lie beside them
  --backend  cpu (default), onednn where it is installed, or reference: plain loops, slow
  --filter   only cases whose name holds this text; may be given several times`;

export interface GoldenOptions {
  folders: string[];
  dataFolder?: string;
  backend: GoldenBackend;
  filters: string[];
  help: boolean;
}

/** @throws CaffeError 'usage' for flags that are not known, a backend that is none, or no folder. */
export function parseArguments(args: readonly string[]): GoldenOptions {
  const { values, positionals } = parsed(args);
  const { data, backend = 'cpu', filter = [], help = false } = values;
  if (backend !== 'cpu' && backend !== 'onednn' && backend !== 'reference') {
    throw new CaffeError({
      code: 'usage',
      field: '--backend',
      problem: `is "${backend}"`,
      fix: 'use cpu, onednn or reference',
    });
  }
  if (positionals.length === 0 && !help) {
    throw new CaffeError({ code: 'usage', problem: 'no folder is given', fix: usage });
  }
  return { folders: positionals, dataFolder: data, backend, filters: filter, help };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        backend: { type: 'string' },
        filter: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new CaffeError({ code: 'usage', problem: firstSentence(error), fix: usage });
  }
}
