/** Where something stands in a text file; line and column count from 1. */
export interface Location {
  file: string | undefined;
  line: number;
  column: number;
}

interface MessageLocation extends Location {
  fields: Map<string, Location>;
}

const locations = new WeakMap<object, MessageLocation>();

/**
 * Where a message stands in the text it was parsed from, or one of its fields (by property name, `kernelSize`).
 * Undefined for messages that were not parsed from text, and for fields that the text does not give.
 */
export function locationOf(message: object, fieldName?: string): Location | undefined {
  const found = locations.get(message);
  if (found === undefined) return undefined;
  if (fieldName !== undefined) return found.fields.get(fieldName);
  const { file, line, column } = found;
  return { file, line, column };
}

export function setLocation(message: object, at: Location): void {
  locations.set(message, { ...at, fields: new Map() });
}

/** Notes where a field first stands; `message` must have a location. */
export function setFieldLocation(message: object, fieldName: string, at: Location): void {
  const { fields } = locations.get(message)!;
  if (!fields.has(fieldName)) fields.set(fieldName, at);
}

/** Gives `to` the location of `from` (upgraded and cloned messages), fields included; an own location stays. */
export function carryLocation(from: object, to: object): void {
  const found = locations.get(from);
  if (found !== undefined && !locations.has(to)) locations.set(to, { ...found, fields: new Map(found.fields) });
}
