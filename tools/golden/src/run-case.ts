import type { CaseContext } from './case-context.ts';
import { runDumpCase } from './dump-case.ts';
import { runBrokenCase, runFileCase, runMeanCase } from './file-cases.ts';
import type { FoundCase } from './find-cases.ts';
import { runLayerCase } from './layer-case.ts';
import { runModelCase } from './model-case.ts';
import { missing, type Outcome } from './outcome.ts';
import { runTrainingCase } from './training-case.ts';

/** Runs a case of any kind. Faults of a case are its outcome; nothing is thrown. */
export function runCase(found: FoundCase, context: CaseContext): Promise<Outcome> {
  switch (found.kind) {
    case 'layer':
      return runLayerCase(found.path, context, found.name);
    case 'dump':
      return runDumpCase(found.path, context, found.name);
    case 'model':
      return runModelCase(found.folder, found.inputs, context, found.name);
    case 'training':
      return runTrainingCase(found.solver, found.log, context, found.name);
    case 'broken':
      return runBrokenCase(found.name, found.path);
    case 'mean':
      return runMeanCase(found.name, found.path, found.expected);
    case 'file':
      return runFileCase(found.name, found.path);
    case 'unknown':
      return Promise.resolve(missing(found.name, found.reason));
  }
}
