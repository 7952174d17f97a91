import { decode } from '../binary/decode.ts';
import type { BlobProto, Messages, NetParameter, SolverParameter } from '../generated/messages.ts';
import type { DeepPartial } from '../messages/message.ts';
import { type ReadOptions, readNet, readSolver, readWeights } from '../models/read.ts';
import { type WriteWeightsOptions, writeWeightsChunks } from '../models/write.ts';
import { parseText } from '../text/parse.ts';
import { printText } from '../text/print.ts';
import { readBytes } from './read-file.ts';
import { readText } from './read-text.ts';
import { writeFileAtomic } from './write-file.ts';

/** Reads and upgrades a net in text form; files ending in .caffemodel, .binaryproto or .bin are read as binary. */
export function readNetFile(path: string, options: Omit<ReadOptions, 'file'> = {}): NetParameter {
  const isBinary = /\.(caffemodel|binaryproto|bin)$/.test(path);
  return readNet(isBinary ? readBytes(path) : readText(path), { ...options, file: path });
}

/** Reads and upgrades a solver prototxt. */
export function readSolverFile(path: string, options: Omit<ReadOptions, 'file'> = {}): SolverParameter {
  return readSolver(readText(path), { ...options, file: path });
}

/** Reads and upgrades a .caffemodel; its blobs are views of the file's bytes, read once. */
export function readWeightsFile(path: string, options: Omit<ReadOptions, 'file'> = {}): NetParameter {
  return readWeights(readBytes(path), { ...options, file: path });
}

/** Writes a .caffemodel; an old file of that name is replaced only by the whole new one. */
export function writeWeightsFile(path: string, net: NetParameter, options: WriteWeightsOptions = {}): void {
  writeFileAtomic(path, writeWeightsChunks(net, options));
}

/** Reads a .binaryproto (a mean file). */
export function readBlobFile(path: string): BlobProto {
  return decode('BlobProto', readBytes(path), { file: path });
}

/** Reads any message in text form, as it stands (not upgraded). */
export function readTextMessageFile<K extends keyof Messages>(type: K, path: string): Messages[K] {
  return parseText(type, readText(path), { file: path });
}

/** Writes any message in text form. */
export function writeTextMessageFile<K extends keyof Messages>(
  type: K,
  path: string,
  message: Messages[K] | DeepPartial<Messages[K]>,
): void {
  writeFileAtomic(path, printText(type, message));
}
