import { CaffeError } from '@jacinto/proto/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, OperationName } from '../backend.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { Values } from '../values.ts';
import { caseTables } from './cases/tables.ts';
import { compareCase, fullName } from './run-case.ts';

export interface BackendSuiteOptions {
  /** Operations the backend lacks, with the reason; preparing one must throw CaffeError 'unsupported'. */
  lacks?: Partial<Record<OperationName, string>>;
  /** Cases it is known to fail ("pooling max k=3 …"), with the reason; one that passes is an error. */
  deviations?: Readonly<Record<string, string>>;
  /** Only these operations; default all. */
  only?: readonly OperationName[];
}

const reference = createReferenceBackend();

/**
 * The suite every backend runs: each case of each operation against the reference. Call it from a test file of the
 * backend's own:
 *
 *     describeBackend('cpu, 2 threads', () => createCpuBackend({ threads: 2 }));
 */
export function describeBackend(
  name: string,
  create: () => Backend | Promise<Backend>,
  { lacks = {}, deviations = {}, only }: BackendSuiteOptions = {},
): void {
  describe(`${name} backend`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await create();
    });
    afterAll(async () => {
      await backend?.dispose();
    });

    it('describes itself and zero-fills new memory', async () => {
      expect(backend.description).not.toBe('');
      expect(backend.threads).toBeGreaterThanOrEqual(1);
      expect(backend.dataTypes).toContain('f32');
      const used = backend.host.usedBytes;
      const values = new Values(backend, 5);
      expect([...(await values.read())]).toEqual([0, 0, 0, 0, 0]);
      expect(backend.host.usedBytes).toBeGreaterThan(used);
      expect(backend.host.peakBytes).toBeGreaterThanOrEqual(backend.host.usedBytes);
      values.hostWrite().fill(1);
      values.release();
      expect(backend.host.usedBytes).toBe(used);
      expect([...(await values.read())]).toEqual([0, 0, 0, 0, 0]);
      values.release();
    });

    for (const table of caseTables.filter(({ operation }) => only?.includes(operation) ?? true)) {
      describe(table.operation, () => {
        const reason = lacks[table.operation];
        if (reason !== undefined) {
          it(`is refused: ${reason}`, () => {
            expect(() => table.cases[0]!.prepare(backend)).toThrow(CaffeError);
            expect(() => table.cases[0]!.prepare(backend)).toThrow(table.operation);
          });
          return;
        }
        for (const test of table.cases) {
          const full = fullName(table, test);
          if (deviations[full] !== undefined) {
            it(`${test.name} (deviates: ${deviations[full]})`, async () => {
              await expect(compareCase(backend, reference, test)).rejects.toThrow();
            });
            continue;
          }
          it(test.name, async () => {
            try {
              await compareCase(backend, reference, test);
            } catch (error) {
              if (error instanceof Error) {
                error.message += `\nrun just this case: npx vitest run -t '${name} backend ${full}$'`;
              }
              throw error;
            }
          });
        }
      });
    }
  });
}
