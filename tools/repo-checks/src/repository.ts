import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Workspace {
  /** Folder from the root, "packages/proto". */
  folder: string;
  name: string;
  private: boolean;
}

/** Every workspace below packages/, tools/ and examples/. */
export function workspaces(): Workspace[] {
  return ['packages', 'tools', 'examples'].flatMap((kind) =>
    readdirSync(join(root, kind), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => {
        const folder = `${kind}/${entry.name}`;
        try {
          const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
          return [{ folder, name: manifest.name, private: manifest.private === true }];
        } catch {
          return [];
        }
      }),
  );
}

/** Files that git tracks or would track. */
export function trackedFiles(): string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  return list.toString().split('\n').filter(Boolean);
}

/** The first JavaScript block of a README: its running example. */
export function readmeExample(folder: string): string | undefined {
  const text = readFileSync(join(root, folder, 'README.md'), 'utf8');
  return /^```js\n([\s\S]*?)^```$/m.exec(text)?.[1];
}
