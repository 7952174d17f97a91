import type { FieldInfo } from './field-info.ts';
import { has } from './message.ts';
import { type AnyMessage, typeOf } from './message-type.ts';
import { unknownFieldsOf } from './unknown-fields.ts';

/** Whether two messages have the same type and the same fields with the same values (NaN equals NaN). */
export function equals(a: object, b: object): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  for (const field of type.fields) {
    const present = has(a, field.camelName);
    if (present !== has(b, field.camelName)) return false;
    if (present && !sameField(field, (a as AnyMessage)[field.camelName], (b as AnyMessage)[field.camelName]))
      return false;
  }
  const unknownA = unknownFieldsOf(a);
  const unknownB = unknownFieldsOf(b);
  return unknownA.length === unknownB.length && unknownA.every((bytes, i) => sameBytes(bytes, unknownB[i]!));
}

function sameField(field: FieldInfo, a: unknown, b: unknown): boolean {
  if (field.label !== 'repeated') return sameValue(field, a, b);
  const listA = a as ArrayLike<unknown>;
  const listB = b as ArrayLike<unknown>;
  if (listA.length !== listB.length) return false;
  for (let i = 0; i < listA.length; i++) if (!sameValue(field, listA[i], listB[i])) return false;
  return true;
}

function sameValue(field: FieldInfo, a: unknown, b: unknown): boolean {
  if (field.kind === 'message') return equals(a as object, b as object);
  if (field.kind === 'bytes') return sameBytes(a as Uint8Array, b as Uint8Array);
  if (field.kind === 'float') return Object.is(Math.fround(a as number), Math.fround(b as number));
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
