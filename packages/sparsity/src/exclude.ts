import { CaffeError, nearest } from '@jacinto/proto';

/**
 * Tells whether a layer's name is one of `patterns`; a * stands for any letters ("res5*").
 * @throws CaffeError 'unknown-name' for a pattern that none of `names` fits, with the nearest name.
 */
export function excluder(patterns: readonly string[], names: readonly string[]): (name: string) => boolean {
  const tests = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const test = new RegExp(`^${parts.join('.*')}$`);
    if (names.some((name) => test.test(name))) return test;
    const near = nearest(pattern, names);
    throw new CaffeError({
      code: 'unknown-name',
      field: 'exclude',
      problem: `"${pattern}" fits no Convolution layer`,
      fix: near === undefined ? `they are ${names.join(', ')}` : `did you mean "${near}"?`,
    });
  });
  return (name) => tests.some((test) => test.test(name));
}
