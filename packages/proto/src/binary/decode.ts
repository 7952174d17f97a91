import { CaffeError } from '../errors/index.ts';
import type { Messages } from '../generated/messages.ts';
import type { FieldInfo } from '../messages/field-info.ts';
import { type AnyMessage, type MessageType, messageType } from '../messages/message-type.ts';
import { addUnknownField } from '../messages/unknown-fields.ts';
import { floatsOf, joined } from './packed.ts';
import { recognise } from './recognise.ts';
import { utf8Text } from './utf8.ts';
import { WIRE, WireFault, WireReader } from './wire-reader.ts';

export interface DecodeOptions {
  /** The file the bytes came from, named in errors. */
  file?: string;
}

/**
 * Reads a binary message. Bytes fields and packed floats are views of `bytes` (a block copy where the address is not
 * aligned): change neither while the message is in use. Unknown fields are kept, and `encode` writes them back.
 * int64 values beyond 2^53 are bigints. @throws CaffeError 'bad-file' naming the file and the byte.
 */
export function decode<K extends keyof Messages>(type: K, bytes: Uint8Array, options: DecodeOptions = {}): Messages[K] {
  const schemaType = messageType(type);
  // a plain Uint8Array: the pieces of a Node Buffer would be Buffers
  const reader = new WireReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const message = new schemaType.construct();
  try {
    readMessage(reader, schemaType, message, bytes.length);
  } catch (error) {
    throw error instanceof WireFault ? fileError(error, type, bytes, options.file) : error;
  }
  return message as unknown as Messages[K];
}

function fileError(fault: WireFault, type: string, bytes: Uint8Array, file: string | undefined): CaffeError {
  const kind = recognise(bytes);
  if (kind !== undefined) return new CaffeError({ code: 'bad-file', file, ...kind });
  return new CaffeError({
    code: 'bad-file',
    file,
    problem: `is truncated or damaged: at byte ${fault.offset} of ${bytes.length}, ${fault.message} (reading ${type})`,
    fix: 'download or write the file again, and check its size',
  });
}

function readMessage(reader: WireReader, type: MessageType, message: AnyMessage, end: number): void {
  const { byNumber } = type;
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.varint(end);
    const number = tag >>> 3;
    const wire = tag & 7;
    if (number === 0 || reader.high !== 0) throw new WireFault(start, 'no field can begin here');
    const field = byNumber[number];
    if (field === undefined || !readField(reader, field, wire, message, end)) {
      reader.skip(wire, end);
      addUnknownField(message, reader.bytes.slice(start, reader.pos));
    }
  }
}

/** Reads a field's value; false where the wire type does not fit it, or an enum's value is unknown. */
function readField(reader: WireReader, field: FieldInfo, wire: number, message: AnyMessage, end: number): boolean {
  const key = field.camelName;
  const repeated = field.label === 'repeated';
  switch (field.kind) {
    case 'message': {
      if (wire !== WIRE.BYTES) return false;
      const valueEnd = reader.lengthEnd(end);
      const type = field.message!;
      const target = repeated || !Object.hasOwn(message, key) ? new type.construct() : (message[key] as AnyMessage);
      readMessage(reader, type, target, valueEnd);
      if (repeated) (message[key] as unknown[]).push(target);
      else message[key] = target;
      return true;
    }
    case 'string':
    case 'bytes': {
      if (wire !== WIRE.BYTES) return false;
      const valueEnd = reader.lengthEnd(end);
      const { bytes, pos } = reader;
      const value = field.kind === 'string' ? utf8Text(bytes, pos, valueEnd) : bytes.subarray(pos, valueEnd);
      reader.pos = valueEnd;
      if (repeated) (message[key] as unknown[]).push(value);
      else message[key] = value;
      return true;
    }
  }
  if (repeated && wire === WIRE.BYTES) return readPacked(reader, field, message, end);
  if (wire !== wireOf(field)) return false;
  const before = reader.pos;
  const value = readScalar(reader, field, end);
  if (value === undefined) {
    reader.pos = before;
    return false;
  }
  if (!repeated) message[key] = value;
  else {
    const list = message[key] as number[] | Float32Array | Float64Array;
    if (Array.isArray(list)) list.push(value as number);
    else message[key] = [...list, value];
  }
  return true;
}

export function wireOf({ kind }: FieldInfo): number {
  if (kind === 'float') return WIRE.FIXED32;
  if (kind === 'double') return WIRE.FIXED64;
  return kind === 'message' || kind === 'string' || kind === 'bytes' ? WIRE.BYTES : WIRE.VARINT;
}

/** A scalar that is no string; undefined for an enum's unknown number. */
function readScalar(reader: WireReader, field: FieldInfo, end: number): number | bigint | boolean | undefined {
  switch (field.kind) {
    case 'float':
      return reader.float(end);
    case 'double':
      return reader.double(end);
  }
  const low = reader.varint(end);
  switch (field.kind) {
    case 'uint32':
      return low;
    case 'int64':
      return reader.int64();
    case 'bool':
      return (low | reader.high) !== 0;
    case 'enum':
      return field.enumNames!.has(low | 0) ? low | 0 : undefined;
    default:
      return low | 0;
  }
}

function readPacked(reader: WireReader, field: FieldInfo, message: AnyMessage, end: number): boolean {
  const start = reader.pos;
  const valueEnd = reader.lengthEnd(end);
  const key = field.camelName;
  if (field.kind === 'float' || field.kind === 'double') {
    const bytes = reader.bytes.subarray(reader.pos, valueEnd);
    const type = field.kind === 'float' ? Float32Array : Float64Array;
    if (bytes.length % type.BYTES_PER_ELEMENT !== 0) {
      throw new WireFault(start, `${field.name} has ${bytes.length} bytes, no whole number of ${field.kind}s`);
    }
    reader.pos = valueEnd;
    const own = message[key] as ArrayLike<number>;
    if (field.packed) {
      const floats = floatsOf<Float32Array | Float64Array>(bytes, type as never);
      message[key] = own.length === 0 ? floats : joined(own, floats, type);
    } else {
      // one by one: as arguments of one call they would not all fit on the stack
      for (const value of floatsOf<Float32Array | Float64Array>(bytes, type as never)) (own as number[]).push(value);
    }
    return true;
  }
  const list = message[key] as unknown[];
  const { length } = list;
  while (reader.pos < valueEnd) {
    const value = readScalar(reader, field, valueEnd);
    if (value === undefined) {
      // one unknown enum number: the whole packed run is kept as it came
      list.length = length;
      reader.pos = start;
      return false;
    }
    list.push(value);
  }
  return true;
}
