import { CaffeError, unknownName } from '../errors/index.ts';
import type { Messages } from '../generated/messages.ts';
import type { FieldInfo } from './field-info.ts';
import { type AnyMessage, isMessageOf, type MessageType, messageType, typeOf } from './message-type.ts';

/** A message given in part: nested messages too, and bytes or typed arrays as they are. */
export type DeepPartial<T> = T extends Uint8Array | Float32Array | Float64Array | string | number | boolean | undefined
  ? T
  : T extends readonly (infer E)[]
    ? readonly DeepPartial<E>[]
    : T extends object
      ? { [K in keyof T]?: DeepPartial<T[K]> }
      : T;

/**
 * Makes a message: `create('ConvolutionParameter', { numOutput: 8, weightFiller: { type: 'xavier' } })`.
 * Nested plain objects become messages; keys whose value is undefined stay absent.
 * @throws CaffeError 'unknown-name' for a key that is no field of the type.
 */
export function create<K extends keyof Messages>(type: K, init?: DeepPartial<Messages[K]>): Messages[K] {
  return createAny(messageType(type), (init ?? {}) as AnyMessage) as unknown as Messages[K];
}

export function createAny(type: MessageType, init: AnyMessage): AnyMessage {
  const message = new type.construct();
  for (const [key, value] of Object.entries(init)) {
    if (value === undefined) continue;
    const field = type.byCamelName.get(key);
    if (field === undefined) throw unknownName(`${type.name}:`, key, [...type.byCamelName.keys()]);
    message[key] = field.label === 'repeated' ? repeatedValue(field, value) : singleValue(field, value);
  }
  return message;
}

function repeatedValue(field: FieldInfo, value: unknown): unknown {
  if (value instanceof Float32Array || value instanceof Float64Array) return value;
  if (!Array.isArray(value)) throw wrongKind(field, value, 'an array');
  return value.map((element) => singleValue(field, element));
}

/** A value as the message holds it: floats rounded to float, plain objects made messages. */
function singleValue(field: FieldInfo, value: unknown): unknown {
  if (field.kind === 'float') return typeof value === 'number' ? Math.fround(value) : value;
  if (field.message === undefined) return value;
  if (isMessageOf(field.message, value)) return value;
  if (typeof value !== 'object' || value === null) throw wrongKind(field, value, `a ${field.typeName}`);
  return createAny(field.message, value as AnyMessage);
}

export function wrongKind(field: FieldInfo, value: unknown, wanted: string): CaffeError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new CaffeError({ code: 'bad-value', field: field.name, problem: `is ${shown}, not ${wanted}` });
}

/** Whether a field (by property name) is present: set, or for repeated fields not empty. */
export function has(message: object, fieldName: string): boolean {
  if (!Object.hasOwn(message, fieldName)) return false;
  const value = (message as AnyMessage)[fieldName];
  const field = typeOf(message).byCamelName.get(fieldName);
  if (field?.label === 'repeated') return (value as ArrayLike<unknown>).length > 0;
  return value !== undefined;
}

/** `has` for a field in hand: no look-up. */
export function hasField(message: AnyMessage, field: FieldInfo): boolean {
  if (!Object.hasOwn(message, field.camelName)) return false;
  const value = message[field.camelName];
  return field.label === 'repeated' ? (value as ArrayLike<unknown>).length > 0 : value !== undefined;
}

/** The message type's name in package caffe: `LayerParameter`, `QuantizationParameter.QParams`. */
export function typeNameOf(message: object): keyof Messages {
  return typeOf(message).name as keyof Messages;
}

/** The fields of a message type in number order. */
export function fieldsOf(typeName: keyof Messages): readonly FieldInfo[] {
  return messageType(typeName).fields;
}

/** The fields present in a message with their values, in number order. */
export function* presentFields(message: object): Generator<[FieldInfo, unknown]> {
  for (const field of typeOf(message).fields) {
    if (hasField(message as AnyMessage, field)) yield [field, (message as AnyMessage)[field.camelName]];
  }
}
