import { createOneDnnBackend } from '@jacinto/backend-onednn';
import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { CaffeError } from '@jacinto/proto/errors';
import { type GoldenBackend, parseArguments, usage } from './arguments.ts';
import { findCases } from './find-cases.ts';
import { type Outcome, outcomeText, tallyText } from './outcome.ts';
import { allLayers } from './registry.ts';
import { runCase } from './run-case.ts';

/**
 * Runs the command line and gives the exit code: 0 where no case failed, 1 where one did or nothing was found.
 * @param print takes each line of the answer
 */
export async function runGolden(args: readonly string[], print: (line: string) => void): Promise<number> {
  try {
    const options = parseArguments(args);
    if (options.help) {
      print(usage);
      return 0;
    }
    const cases = options.folders.flatMap((folder) =>
      findCases(folder).map((one) => (options.folders.length === 1 ? one : { ...one, name: `${folder}/${one.name}` })),
    );
    const chosen = cases.filter(({ name }) => options.filters.every((filter) => name.includes(filter)));
    if (chosen.length === 0) throw nothingFound(options.folders, cases.length, options.filters);
    const backend = await backendNamed(options.backend);
    const context = { backend, registry: allLayers(), dataFolder: options.dataFolder };
    const outcomes: Outcome[] = [];
    for (const found of chosen) {
      const outcome = await runCase(found, context);
      outcomes.push(outcome);
      print(outcomeText(outcome));
    }
    await backend.dispose();
    print(tallyText(outcomes));
    return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
  } catch (error) {
    if (!(error instanceof CaffeError)) throw error;
    print(error.message);
    return 1;
  }
}

async function backendNamed(name: GoldenBackend): Promise<Backend> {
  if (name === 'reference') return createReferenceBackend();
  const cpu = await createCpuBackend();
  return name === 'cpu' ? cpu : createOneDnnBackend({ over: cpu });
}

function nothingFound(folders: readonly string[], count: number, filters: readonly string[]): CaffeError {
  return count > 0
    ? new CaffeError({ code: 'usage', problem: `none of ${count} cases has "${filters.join('" and "')}" in its name` })
    : new CaffeError({
        code: 'missing',
        file: folders.join(', '),
        problem: 'holds no case of a known layout',
        fix: 'give a folder of layer cases, models, dumps or training runs (see tools/golden/README.md)',
      });
}
