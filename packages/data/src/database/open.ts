import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CaffeError, unknownName } from '@jacinto/proto/errors';
import type { DatabaseBackend, DatabaseReader, DatabaseWriter } from './database.ts';
import { LevelDbReader, LevelDbWriter } from './leveldb-database.ts';
import { LmdbDatabaseReader, LmdbDatabaseWriter } from './lmdb-database.ts';

/**
 * Opens a database for reading. Nothing of it is changed.
 * @throws CaffeError 'missing', 'bad-file', 'io'; 'bad-value' where the folder holds a database of the other kind.
 */
export function openDatabase(source: string, backend: DatabaseBackend, mode: 'read'): Promise<DatabaseReader>;
/**
 * Opens a database for writing: 'new' makes it and refuses one that exists, 'write' goes on with one.
 * @throws CaffeError 'io' or 'bad-file'.
 */
export function openDatabase(source: string, backend: DatabaseBackend, mode: 'new' | 'write'): Promise<DatabaseWriter>;
export async function openDatabase(
  source: string,
  backend: DatabaseBackend,
  mode: 'read' | 'new' | 'write',
): Promise<DatabaseReader | DatabaseWriter> {
  if (mode !== 'new') checkKind(source, backend);
  if (mode === 'read') return backend === 'lmdb' ? new LmdbDatabaseReader(source) : await LevelDbReader.open(source);
  const create = mode === 'new';
  if (create && existsSync(source)) {
    throw new CaffeError({
      code: 'io',
      file: source,
      problem: 'exists already',
      fix: 'delete it first, or choose another name',
    });
  }
  return backend === 'lmdb' ? new LmdbDatabaseWriter(source, create) : await LevelDbWriter.open(source, create);
}

/** The kind of database that lies in a folder, as far as its file names tell. */
export function databaseKind(source: string): DatabaseBackend | undefined {
  if (statSync(source, { throwIfNoEntry: false })?.isFile() === true) return 'lmdb';
  if (existsSync(join(source, 'data.mdb'))) return 'lmdb';
  return existsSync(join(source, 'CURRENT')) ? 'leveldb' : undefined;
}

/** A flag's or field's word for a backend. @throws CaffeError 'unknown-name'. */
export function backendOf(name: string): DatabaseBackend {
  const lower = name.toLowerCase();
  if (lower !== 'lmdb' && lower !== 'leveldb') throw unknownName('backend', name, ['lmdb', 'leveldb']);
  return lower;
}

/** @throws CaffeError 'bad-value' where the folder holds a database of the other kind, 'missing' where it holds none. */
export function checkKind(source: string, backend: DatabaseBackend): void {
  const kind = databaseKind(source);
  const names = { lmdb: 'an LMDB', leveldb: 'a LevelDB' } as const;
  if (kind !== undefined && kind !== backend) {
    throw new CaffeError({
      code: 'bad-value',
      file: source,
      field: 'backend',
      problem: `is ${backend.toUpperCase()}, but the folder holds ${names[kind]} database`,
      fix: `use backend ${kind.toUpperCase()}`,
    });
  }
  if (kind === undefined) {
    const exists = existsSync(source);
    throw new CaffeError({
      code: exists ? 'bad-file' : 'missing',
      file: source,
      problem: exists ? `holds no ${backend === 'lmdb' ? 'LMDB' : 'LevelDB'} database` : 'does not exist',
      fix: `make the database with convert_imageset${backend === 'lmdb' ? '' : ' --backend=leveldb'}, or correct the path`,
    });
  }
}
