import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readmeExample, root, workspaces } from './repository.ts';

/** Packages that a user installs alone; what they depend on is packed with them. */
const alone = [
  '@jacinto/proto',
  '@jacinto/core-tensor',
  '@jacinto/caffe',
  '@jacinto/sparsity',
  '@jacinto/quantize',
  '@jacinto/bn-absorb',
];
/** The caffemodel that examples read, where the shared materials are at hand; those examples are skipped elsewhere. */
const shared = process.env['JACINTO_SHARED'] ?? join(root, '../shared');
const realModel = join(shared, 'models/resnet20_cifar10/resnet20_cifar10.caffemodel');

describe('packed tarballs, installed alone into an empty folder', () => {
  let folder: string;
  const tarballs = new Map<string, string>();

  const dependenciesOf = (name: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(name)) return seen;
    seen.add(name);
    const workspace = workspaces().find((candidate) => candidate.name === name)!;
    const manifest = JSON.parse(readFileSync(join(root, workspace.folder, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (dependency.startsWith('@jacinto/')) dependenciesOf(dependency, seen);
    }
    return seen;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jacinto-packed-'));
    for (const name of new Set(alone.flatMap((packed) => [...dependenciesOf(packed)]))) {
      const workspace = workspaces().find((candidate) => candidate.name === name)!;
      const into = join(folder, 'tarballs', name.replace('/', '-'));
      mkdirSync(into, { recursive: true });
      execFileSync('npm', ['pack', '--silent', '--pack-destination', into], { cwd: join(root, workspace.folder) });
      tarballs.set(name, join(into, readdirSync(into)[0]!));
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of alone) {
    it(`${name} runs its README's example`, (context) => {
      const home = join(folder, name.replace('/', '-'));
      mkdirSync(home);
      writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
      const wanted = [...dependenciesOf(name)].map((packed) => tarballs.get(packed)!);
      execFileSync('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...wanted], {
        cwd: home,
        stdio: 'pipe',
      });
      const workspace = workspaces().find((candidate) => candidate.name === name)!;
      const example = readmeExample(workspace.folder)!;
      writeFileSync(join(home, 'example.mjs'), example);
      if (example.includes("'model.caffemodel'")) {
        if (!existsSync(realModel)) context.skip('../shared/models is absent');
        copyFileSync(realModel, join(home, 'model.caffemodel'));
      }
      execFileSync(process.execPath, ['example.mjs'], { cwd: home, stdio: 'pipe' });
      expect(readdirSync(join(home, 'node_modules', name)).sort()).toEqual(
        expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'package.json']),
      );
    });
  }

  it('@jacinto/caffe brings the caffe command', () => {
    const caffe = join(folder, '@jacinto-caffe', 'node_modules', '.bin', 'caffe');
    expect(execFileSync(caffe, ['device_query'], { stdio: 'pipe', encoding: 'utf8' })).toContain('cpu');
  });
});
