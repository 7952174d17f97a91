/** Prepared on first use: a net that only tests never plans its gradients. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** One a key, each prepared on first use. */
export function onceEach<K, T>(make: (key: K) => T): (key: K) => T {
  const made = new Map<K, { value: T }>();
  return (key) => {
    let each = made.get(key);
    if (each === undefined) {
      each = { value: make(key) };
      made.set(key, each);
    }
    return each.value;
  };
}
