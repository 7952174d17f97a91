// House rules that a formatter cannot see: file length, imports between packages, declared dependencies.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const maxLines = 500;
/** Files that may be longer, each with its reason. */
const longAllowed = {};
/** Row of each package (docs/architecture.md); a package imports only from rows below its own. */
const rows = {
  proto: 0,
  'core-tensor': 1,
  'backend-onednn': 1.5, // a backend imports core-tensor for the contract; nothing imports a backend
  net: 2,
  sparsity: 2,
  quantize: 2,
  'bn-absorb': 2,
  layers: 3,
  'layers-ssd': 3,
  'layers-seg': 3,
  data: 4,
  'solvers-mixed': 4,
  caffe: 5,
};
const problems = [];
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|mts|mjs|js)$/.test(file));

for (const file of files) {
  let text;
  try {
    text = readFileSync(root + file, 'utf8');
  } catch {
    continue; // deleted but still in the index
  }
  const lines = text.split('\n').length - 1;
  if (lines > maxLines && !(file in longAllowed)) problems.push(`${file}: ${lines} lines, more than ${maxLines}`);
  const [, kind, own] = /^(packages|tools|examples)\/([^/]+)\//.exec(file) ?? [];
  if (own === undefined || file.includes('/assembly/')) continue;
  const manifest = JSON.parse(readFileSync(`${root}${kind}/${own}/package.json`, 'utf8'));
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
  const forTests = /\.test\.ts$|\.cases\.ts$|\/testing\/|\.config\.ts$|^[^/]+\/[^/]+\/scripts\//.test(file);
  for (const [, oneLine, multiLine] of text.matchAll(
    /^(?:import\s|export\s+(?:type\s+)?[{*])[^'"\n;]*?(?:from\s*)?['"]([^'"]+)['"];?$|^} from ['"]([^'"]+)['"];$/gm,
  )) {
    const specifier = oneLine ?? multiLine;
    if (specifier.startsWith('.')) {
      if (specifier.includes('/dist/') && kind === 'packages' && !file.includes('/bin/'))
        problems.push(`${file}: imports ${specifier} from dist`);
      continue;
    }
    if (specifier.startsWith('node:')) continue;
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    const target = name.startsWith('@jacinto/') ? name.slice('@jacinto/'.length) : undefined;
    if (name === manifest.name) continue;
    if (target !== undefined && kind === 'packages' && !forTests && !(rows[target] < rows[own])) {
      problems.push(`${file}: row ${rows[own]} (${own}) may not import ${name}`);
    }
    if (!(name in declared) && !(forTests && (name in (manifest.devDependencies ?? {}) || name === 'vitest'))) {
      problems.push(`${file}: imports ${name}, which its package.json does not declare`);
    }
  }
}

for (const problem of problems) console.error(problem);
console.log(`structure: ${files.length} files, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
