// Compiles assembly/ twice, with and without relaxed SIMD.
import { fileURLToPath } from 'node:url';
import { compileWasm } from '../../../scripts/compile-wasm.mjs';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const compile = (name, args) =>
  compileWasm(path('assembly/index.ts'), path(`src/generated/${name}.ts`), [
    ...['--exportTable', '--memoryBase', '1024'],
    ...args,
  ]);

await compile('kernels-plain', []);
await compile('kernels-relaxed', ['--enable', 'relaxed-simd']);
