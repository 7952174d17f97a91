import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readmeExample, root, trackedFiles, workspaces } from './repository.ts';

describe('README of each workspace', () => {
  for (const { folder, name, private: isPrivate } of workspaces()) {
    it(`${folder} says what it is`, () => {
      const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
      expect(readme.startsWith('# ')).toBe(true);
      if (!isPrivate) expect(readme).toContain(`npm install ${name}`);
    });

    if (isPrivate) continue;
    it(`${folder} has an example that a test runs`, () => {
      expect(readmeExample(folder), 'a ```js block').toBeDefined();
      expect(existsSync(join(root, folder, 'src/readme.test.ts')), 'src/readme.test.ts, which runs it').toBe(true);
    });
  }
});

describe('Markdown links', () => {
  for (const file of trackedFiles().filter((name) => name.endsWith('.md') && !name.startsWith('.changeset/'))) {
    it(file, () => {
      const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.split('#')[0]!);
      const broken = targets.filter(
        (target) => target !== '' && !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(file), target)),
      );
      expect(broken).toEqual([]);
    });
  }
});
