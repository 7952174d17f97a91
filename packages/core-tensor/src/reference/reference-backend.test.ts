import { describe, expect, it } from 'vitest';
import { caseTables } from '../testing/cases/tables.ts';
import { describeBackend } from '../testing/describe-backend.ts';
import { checkCaseGradient } from '../testing/run-case.ts';
import { createReferenceBackend } from './reference-backend.ts';

describeBackend('reference', createReferenceBackend);

describe('numerical gradients (f64, step 1e-4, threshold 1e-5, seed 1701)', () => {
  const reference = createReferenceBackend();
  for (const table of caseTables) {
    for (const test of table.cases.filter(({ gradientOf = [] }) => gradientOf.length > 0)) {
      it(`${table.operation} ${test.name}`, async () => {
        expect((await checkCaseGradient(reference, test)).compared).toBeGreaterThan(0);
      });
    }
  }
});

describe('case tables', () => {
  it('cover every operation of a backend', () => {
    const operations = Object.entries(createReferenceBackend())
      .filter(([name, value]) => typeof value === 'function' && !/^(download|release|finish|dispose)/.test(name))
      .map(([name]) => name);
    expect(caseTables.map(({ operation }) => operation).sort()).toEqual(operations.sort());
  });

  it('name each case once, in characters that -t takes as they are', () => {
    for (const { operation, cases, bench = [] } of caseTables) {
      const names = [...cases, ...bench].map(({ name }) => name);
      expect(
        names.filter((name, i) => names.indexOf(name) !== i),
        operation,
      ).toEqual([]);
      expect(
        names.filter((name) => !/^[\w ,=.-]+$/.test(name)),
        operation,
      ).toEqual([]);
    }
  });

  it('check the gradient of every operation that has one', () => {
    const without = caseTables
      .filter(({ cases }) => cases.some(({ prepare }) => prepare(createReferenceBackend()).backward !== undefined))
      .filter(({ cases }) => !cases.some(({ gradientOf = [] }) => gradientOf.length > 0));
    expect(without.map(({ operation }) => operation)).toEqual([]);
  });
});
