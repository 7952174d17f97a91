import { CaffeError } from '../errors/index.ts';
import type { FieldInfo } from './field-info.ts';
import { carryLocation } from './location.ts';
import { presentFields } from './message.ts';
import { type AnyMessage, typeOf } from './message-type.ts';
import { addUnknownField, unknownFieldsOf } from './unknown-fields.ts';

/** A copy that shares nothing with the original but the bytes of strings; keeps locations and unknown fields. */
export function clone<T extends object>(message: T): T {
  const copy = new (typeOf(message).construct)() as T;
  return mergeFrom(copy, message);
}

/**
 * protobuf's MergeFrom: values of `source` replace those of `target`, messages merge field by field, repeated fields
 * are appended. Returns `target`.
 */
export function mergeFrom<T extends object>(target: T, source: T): T {
  if (typeOf(target) !== typeOf(source)) {
    const problem = `a ${typeOf(source).name} cannot be merged into a ${typeOf(target).name}`;
    throw new CaffeError({ code: 'bad-value', problem });
  }
  const into = target as AnyMessage;
  for (const [field, value] of presentFields(source)) {
    if (field.label === 'repeated') into[field.camelName] = appended(field, into, value as ArrayLike<unknown>);
    else if (field.kind === 'message') {
      const own = Object.hasOwn(into, field.camelName) ? into[field.camelName] : undefined;
      into[field.camelName] = own === undefined ? clone(value as object) : mergeFrom(own as object, value as object);
    } else into[field.camelName] = copied(value);
  }
  for (const bytes of unknownFieldsOf(source)) addUnknownField(target, bytes);
  carryLocation(source, target);
  return target;
}

function copied(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value); // slice() of a Node Buffer is no copy
  return typeof value === 'object' && value !== null ? clone(value) : value;
}

function appended(field: FieldInfo, into: AnyMessage, more: ArrayLike<unknown>): unknown {
  const own = Object.hasOwn(into, field.camelName) ? (into[field.camelName] as ArrayLike<unknown>) : [];
  if (own.length === 0 && (more instanceof Float32Array || more instanceof Float64Array)) return more.slice();
  if (own instanceof Float32Array || own instanceof Float64Array) {
    const joined =
      own instanceof Float32Array
        ? new Float32Array(own.length + more.length)
        : new Float64Array(own.length + more.length);
    joined.set(own);
    joined.set(more as ArrayLike<number>, own.length);
    return joined;
  }
  const list = own as unknown[];
  for (let i = 0; i < more.length; i++) list.push(copied(more[i]));
  return list;
}
