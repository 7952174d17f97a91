import { expect, it } from 'vitest';
import { guarded } from './page-writer.ts';

it.each([
  [
    'ENOSPC',
    'db/data.mdb: cannot be written: the disk is full; free some space; the records committed before are safe',
  ],
  ['EEXIST', 'db/data.mdb: cannot be written (EEXIST); delete it first, or choose another name'],
  ['EACCES', 'db/data.mdb: cannot be written (EACCES); check that the folder exists and may be written to'],
])('words %s', (code, message) => {
  const refuse = () => {
    throw Object.assign(new Error('refused'), { code });
  };
  expect(() => guarded('db/data.mdb', refuse)).toThrow(message);
});
