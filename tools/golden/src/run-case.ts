import type { CaseContext } from './case-context.ts';
import { runDumpCase } from './dump-case.ts';
import { runBrokenCase, runFileCase, runMeanCase } from './file-cases.ts';
import type { FoundCase } from './find-cases.ts';
import { runLayerCase } from './layer-case.ts';
import { runModelCase } from './model-case.ts';
import { runOptimizeCase } from './optimize-case.ts';
import { missing, type Outcome } from './outcome.ts';
import { runQuantizeCase } from './quantize-case.ts';
import { runEstimateCase, runTrimCase } from './scale-cases.ts';
import { runTestCase } from './test-case.ts';
import { runThresholdCase } from './threshold-case.ts';
import { runTrainingCase } from './training-case.ts';

/** Runs a case of any kind. Faults of a case are its outcome; nothing is thrown. */
export function runCase(found: FoundCase, context: CaseContext): Promise<Outcome> {
  switch (found.kind) {
    case 'layer':
      return runLayerCase(found.path, context, found.name, found.compat);
    case 'dump':
      return runDumpCase(found.path, context, found.name);
    case 'model':
      return runModelCase(found.folder, found.inputs, context, found.name);
    case 'training':
      return runTrainingCase(found.solver, found.log, context, found.name);
    case 'threshold':
      return runThresholdCase(found.path, found.name);
    case 'estimate':
      return runEstimateCase(found.path, found.name);
    case 'trim':
      return runTrimCase(found.path, found.name);
    case 'quantize':
      return runQuantizeCase(found, context, found.name);
    case 'optimize':
      return runOptimizeCase(found.folder, context, found.name);
    case 'test':
      return runTestCase(found, context, found.name);
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
