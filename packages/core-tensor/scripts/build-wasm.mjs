// Compiles assembly/ twice, with and without relaxed SIMD, and writes each module deflated as a TypeScript string,
// so that the package needs no file to be found or served at run time.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { deflateSync } from 'fflate';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const generated = join(root, 'src', 'generated');
mkdirSync(generated, { recursive: true });

async function compile(name, features) {
  const output = join(generated, `${name}.wasm`);
  const { error, stdout, stderr } = await asc.main([
    join(root, 'assembly', 'index.ts'),
    ...['--outFile', output],
    ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ...['--exportTable', '--memoryBase', '1024'],
    ...features.flatMap((feature) => ['--enable', feature]),
    ...process.argv.slice(2),
  ]);
  if (error) throw new Error(`${stdout}${stderr}${error.message}`);
  const bytes = readFileSync(output);
  rmSync(output);
  const text = Buffer.from(deflateSync(bytes, { level: 9 })).toString('base64');
  writeFileSync(
    join(generated, `${name}.ts`),
    `// Made by scripts/build-wasm.mjs from assembly/.\nexport const size = ${bytes.length};\nexport const deflated: string =\n  '${text}';\n`,
  );
}

await compile('kernels-plain', ['simd', 'threads', 'bulk-memory']);
await compile('kernels-relaxed', ['simd', 'threads', 'bulk-memory', 'relaxed-simd']);
