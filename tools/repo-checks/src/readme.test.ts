import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    it(`${folder} has an example that runs`, () => {
      const example = readmeExample(folder);
      expect(example, 'a ```js block').toBeDefined();
      const file = join(root, folder, '.readme-example.mjs');
      writeFileSync(file, example!);
      try {
        execFileSync(process.execPath, [file], { cwd: join(root, folder), stdio: 'pipe', timeout: 60_000 });
      } finally {
        rmSync(file);
      }
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
