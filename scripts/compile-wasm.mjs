// Compiles a package's AssemblyScript and writes the module deflated as a TypeScript string, so that the package needs no
// file to be found or served at run time.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import asc from 'assemblyscript/asc';
import { deflateSync } from 'fflate';

/** The module of `entry`, over an imported shared memory, to `output`; `args` go to the compiler. */
export async function compileWasm(entry, output, args) {
  let bytes;
  const { error, stdout, stderr } = await asc.main(
    [
      ...[entry, '--outFile', 'module.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
      ...['simd', 'threads', 'bulk-memory'].flatMap((feature) => ['--enable', feature]),
      ...args,
      ...process.argv.slice(2),
    ],
    {
      writeFile(_file, contents) {
        if (contents instanceof Uint8Array) bytes = contents;
      },
    },
  );
  if (error) throw new Error(`${stdout}${stderr}${error.message}`);
  const text = Buffer.from(deflateSync(bytes, { level: 9 })).toString('base64');
  const head = '// Made by scripts/build-wasm.mjs from assembly/.';
  const source = `${head}\nexport const size = ${bytes.length};\nexport const deflated: string =\n  '${text}';\n`;
  // Renamed into place, for two builds may run at once.
  mkdirSync(dirname(output), { recursive: true });
  const part = `${output}.${process.pid}`;
  writeFileSync(part, source);
  renameSync(part, output);
}
