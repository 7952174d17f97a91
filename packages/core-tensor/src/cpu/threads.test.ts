import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Backend } from '../backend.ts';
import { caseTables } from '../testing/cases/tables.ts';
import { bitEqual } from '../testing/compare.ts';
import { fullName, runCase } from '../testing/run-case.ts';
import { createCpuBackend } from './cpu-backend.ts';

describe('one thread and three give the same bits', () => {
  let one: Backend;
  let three: Backend;
  beforeAll(async () => {
    one = await createCpuBackend({ threads: 1 });
    three = await createCpuBackend({ threads: 3 });
  });
  afterAll(() => Promise.all([one.dispose(), three.dispose()]));

  it.each(caseTables.map((table) => [table.operation, table] as const))('%s', async (_, table) => {
    for (const test of table.cases) {
      const [first, second] = [await runCase(one, test), await runCase(three, test)];
      for (const name of Object.keys(first)) bitEqual(second[name]!, first[name]!, `${fullName(table, test)}: ${name}`);
    }
  });
});
