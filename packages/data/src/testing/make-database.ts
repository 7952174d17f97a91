import { create, type Datum, type DeepPartial } from '@jacinto/proto';
import type { DatabaseBackend } from '../database/database.ts';
import { openDatabase } from '../database/open.ts';
import { encodeDatum } from '../datum/datum.ts';

/** A database of these datums under keys 00000000, 00000001, … */
export async function makeDatabase(
  path: string,
  datums: readonly DeepPartial<Datum>[],
  backend: DatabaseBackend = 'lmdb',
): Promise<string> {
  const writer = await openDatabase(path, backend, 'new');
  for (const [i, datum] of datums.entries()) {
    writer.put(Buffer.from(String(i).padStart(8, '0')), encodeDatum(create('Datum', datum)));
  }
  await writer.commit();
  await writer.close();
  return path;
}

/** Datums of one value each: 1×1×1, value and label i. */
export function countingDatums(count: number): DeepPartial<Datum>[] {
  return Array.from({ length: count }, (_, i) => ({
    channels: 1,
    height: 1,
    width: 1,
    data: Uint8Array.of(i),
    label: i,
  }));
}
