import { carryLocation } from './location.ts';
import { addUnknownField, unknownFieldsOf } from './unknown-fields.ts';

/** A copy of a message that shares its nested messages, arrays and blobs: set its fields anew, change none inside. */
export function shallow<T extends object>(message: T): T {
  const copy = Object.assign(new (message.constructor as new () => T)(), message);
  carryLocation(message, copy);
  for (const bytes of unknownFieldsOf(message)) addUnknownField(copy, bytes);
  return copy;
}
