// Compiles assembly/ twice, with and without relaxed SIMD, and writes each module deflated as a TypeScript string,
// so that the package needs no file to be found or served at run time.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { deflateSync } from 'fflate';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const generated = join(root, 'src', 'generated');
mkdirSync(generated, { recursive: true });

async function compile(name, features) {
  let bytes;
  const args = [
    join(root, 'assembly', 'index.ts'),
    ...['--outFile', `${name}.wasm`],
    ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ...['--exportTable', '--memoryBase', '1024'],
    ...features.flatMap((feature) => ['--enable', feature]),
    ...process.argv.slice(2),
  ];
  const keep = (_file, contents) => {
    if (contents instanceof Uint8Array) bytes = contents;
  };
  const { error, stdout, stderr } = await asc.main(args, { writeFile: keep });
  if (error) throw new Error(`${stdout}${stderr}${error.message}`);
  const text = Buffer.from(deflateSync(bytes, { level: 9 })).toString('base64');
  const head = '// Made by scripts/build-wasm.mjs from assembly/.';
  const source = `${head}\nexport const size = ${bytes.length};\nexport const deflated: string =\n  '${text}';\n`;
  // Renamed into place, for two builds may run at once.
  const part = join(generated, `.${name}.${process.pid}`);
  writeFileSync(part, source);
  renameSync(part, join(generated, `${name}.ts`));
}

await compile('kernels-plain', ['simd', 'threads', 'bulk-memory']);
await compile('kernels-relaxed', ['simd', 'threads', 'bulk-memory', 'relaxed-simd']);
