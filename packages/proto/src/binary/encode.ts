import { CaffeError } from '../errors/index.ts';
import type { Messages } from '../generated/messages.ts';
import type { FieldInfo } from '../messages/field-info.ts';
import { createAny, type DeepPartial, hasField } from '../messages/message.ts';
import { type AnyMessage, isMessageOf, type MessageType, messageType } from '../messages/message-type.ts';
import { unknownFieldsOf } from '../messages/unknown-fields.ts';
import { BackwardWriter, joinChunks } from './backward-writer.ts';
import { wireOf } from './decode.ts';
import { bytesOf } from './packed.ts';
import { utf8Bytes } from './utf8.ts';
import { WIRE } from './wire-reader.ts';

/**
 * The binary form of a message (or of an object to make it from): fields in number order, unknown ones last, the bytes
 * that protobuf's C++ writer gives. @throws CaffeError 'bad-value' naming a field whose value does not fit its type.
 */
export function encode<K extends keyof Messages>(type: K, message: Messages[K] | DeepPartial<Messages[K]>): Uint8Array {
  return joinChunks(encodeChunks(type, message));
}

/** As `encode`, in chunks: large blobs are passed on as they are, not copied. */
export function encodeChunks<K extends keyof Messages>(
  type: K,
  message: Messages[K] | DeepPartial<Messages[K]>,
): Uint8Array[] {
  const schemaType = messageType(type);
  const writer = new BackwardWriter();
  const whole = isMessageOf(schemaType, message) ? message : createAny(schemaType, message as AnyMessage);
  writeMessage(writer, schemaType, whole);
  return writer.chunks();
}

function writeMessage(writer: BackwardWriter, type: MessageType, message: AnyMessage): void {
  const unknown = unknownFieldsOf(message);
  for (let i = unknown.length - 1; i >= 0; i--) writer.bytes(unknown[i]!);
  const { fields } = type;
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i]!;
    if (!hasField(message, field)) continue;
    const value = message[field.camelName];
    if (field.label !== 'repeated') writeTagged(writer, field, value);
    else if (field.packed) writePacked(writer, field, value as ArrayLike<unknown>);
    else {
      const list = value as ArrayLike<unknown>;
      for (let j = list.length - 1; j >= 0; j--) writeTagged(writer, field, list[j]);
    }
  }
}

function writeTagged(writer: BackwardWriter, field: FieldInfo, value: unknown): void {
  const after = writer.length;
  const wire = wireOf(field);
  writeValue(writer, field, value);
  if (wire === WIRE.BYTES) writer.varint(writer.length - after);
  writer.varint(field.number * 8 + wire);
}

function writePacked(writer: BackwardWriter, field: FieldInfo, list: ArrayLike<unknown>): void {
  const after = writer.length;
  if (field.kind === 'float' || field.kind === 'double') {
    const type = field.kind === 'float' ? Float32Array : Float64Array;
    writer.bytes(bytesOf(list instanceof type ? list : type.from(list as ArrayLike<number>)));
  } else for (let i = list.length - 1; i >= 0; i--) writeValue(writer, field, list[i]);
  writer.varint(writer.length - after);
  writer.varint(field.number * 8 + WIRE.BYTES);
}

function writeValue(writer: BackwardWriter, field: FieldInfo, value: unknown): void {
  switch (field.kind) {
    case 'message': {
      const type = field.message!;
      if (typeof value !== 'object' || value === null) throw misfit(field, value, `a ${type.name}`);
      writeMessage(writer, type, isMessageOf(type, value) ? value : createAny(type, value as AnyMessage));
      break;
    }
    case 'string':
      if (typeof value !== 'string') throw misfit(field, value, 'a string');
      writer.bytes(utf8Bytes(value));
      break;
    case 'bytes':
      if (!(value instanceof Uint8Array)) throw misfit(field, value, 'a Uint8Array');
      writer.bytes(value);
      break;
    case 'float':
    case 'double':
      if (typeof value !== 'number') throw misfit(field, value, 'a number');
      if (field.kind === 'float') writer.float(value);
      else writer.double(value);
      break;
    case 'bool':
      if (typeof value !== 'boolean') throw misfit(field, value, 'true or false');
      writer.varint(value ? 1 : 0);
      break;
    default:
      writer.varint(wholeNumber(field, value));
  }
}

const limits = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  enum: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
} as const;

function wholeNumber(field: FieldInfo, value: unknown): number | bigint {
  if (field.kind === 'int64') {
    const fits = typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
    if (!fits) throw misfit(field, value, 'a whole number of 64 bits');
    return value as number | bigint;
  }
  const [lowest, highest] = limits[field.kind as keyof typeof limits];
  if (!Number.isInteger(value) || (value as number) < lowest || (value as number) > highest) {
    throw misfit(field, value, `a whole number from ${lowest} to ${highest}`);
  }
  return value as number;
}

function misfit(field: FieldInfo, value: unknown, wanted: string): CaffeError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new CaffeError({ code: 'bad-value', field: field.name, problem: `is ${shown}`, fix: `it must be ${wanted}` });
}
