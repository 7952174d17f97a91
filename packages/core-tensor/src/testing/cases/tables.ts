import type { CaseTable } from '../case.ts';
import { axpbyCases } from './axpby.cases.ts';
import { batchNormCases } from './batch-norm.cases.ts';
import { convolutionCases } from './convolution.cases.ts';
import { copyCases } from './copy.cases.ts';
import { dropoutCases } from './dropout.cases.ts';
import { eltwiseCases } from './eltwise.cases.ts';
import { fillCases } from './fill.cases.ts';
import { gemmCases } from './gemm.cases.ts';
import { lrnCases } from './lrn.cases.ts';
import { permuteCases } from './permute.cases.ts';
import { poolingCases } from './pooling.cases.ts';
import { reduceCases } from './reduce.cases.ts';
import { scaleBiasCases } from './scale-bias.cases.ts';
import { softmaxCases } from './softmax.cases.ts';
import { softmaxLossCases } from './softmax-loss.cases.ts';
import { solverUpdateCases } from './solver-update.cases.ts';
import { unaryCases } from './unary.cases.ts';

/** Every operation's table; a test compares the list with the operations of a backend. */
export const caseTables: readonly CaseTable[] = [
  axpbyCases,
  batchNormCases,
  convolutionCases,
  copyCases,
  dropoutCases,
  eltwiseCases,
  fillCases,
  gemmCases,
  lrnCases,
  permuteCases,
  poolingCases,
  reduceCases,
  scaleBiasCases,
  softmaxCases,
  softmaxLossCases,
  solverUpdateCases,
  unaryCases,
];
