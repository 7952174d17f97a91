import type { FieldInfo } from './field-info.ts';

/**
 * The class of a type's messages. Presence is an own property: a field with a declared default reads it through the
 * prototype, and a repeated field makes its own array when it is first read, so that pushing onto it is kept.
 */
export function makePrototype<T>(
  name: string,
  fields: readonly FieldInfo[],
  typeKey: symbol,
  type: T,
): new () => Record<string, unknown> {
  const shortName = name.slice(name.lastIndexOf('.') + 1);
  const made = { [shortName]: class {} }[shortName]!;
  const prototype: object = made.prototype;
  Object.defineProperty(prototype, typeKey, { value: type });
  for (const { camelName, label, default: value } of fields) {
    if (label === 'repeated') Object.defineProperty(prototype, camelName, lazyArray(camelName));
    else if (value !== undefined) {
      Object.defineProperty(prototype, camelName, { value, writable: true, configurable: true });
    }
  }
  return made as never;
}

function lazyArray(key: string): PropertyDescriptor {
  const own = (target: object, value: unknown): void => {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  };
  return {
    configurable: true,
    get(this: object): unknown[] {
      const list: unknown[] = [];
      own(this, list);
      return list;
    },
    set(this: object, value: unknown): void {
      own(this, value);
    },
  };
}
