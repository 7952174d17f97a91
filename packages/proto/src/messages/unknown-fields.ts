/** Fields that the schema does not know, as the bytes they came in (tag and value), in order of arrival. */
const unknown = new WeakMap<object, Uint8Array[]>();

/** The unknown fields of a message read from a binary file; they are written back after the known ones. */
export function unknownFieldsOf(message: object): readonly Uint8Array[] {
  return unknown.get(message) ?? [];
}

export function addUnknownField(message: object, bytes: Uint8Array): void {
  const list = unknown.get(message);
  if (list === undefined) unknown.set(message, [bytes]);
  else list.push(bytes);
}

/** Takes out the unknown fields for which `wanted` is true of their bytes. */
export function takeUnknownFields(message: object, wanted: (bytes: Uint8Array) => boolean): Uint8Array[] {
  const list = unknown.get(message) ?? [];
  const taken = list.filter(wanted);
  if (taken.length > 0) {
    unknown.set(
      message,
      list.filter((bytes) => !taken.includes(bytes)),
    );
  }
  return taken;
}
