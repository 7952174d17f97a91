export { createReferenceBackend } from '../reference/reference-backend.ts';
export type { CaseArray, CaseTable, CaseValues, OperationCase, Work } from './case.ts';
export { caseTables } from './cases/tables.ts';
export { checkGradient, type GradientCheck, type GradientCheckResult } from './check-gradient.ts';
export { type Bound, bitEqual, closeTo, type Difference, worstDifference } from './compare.ts';
export { type BackendSuiteOptions, describeBackend } from './describe-backend.ts';
export { type Guarded, guarded } from './guarded.ts';
export { checkCaseGradient, compareCase, fullName, runCase } from './run-case.ts';
export { seededRandom, seedOf } from './seeded-random.ts';
