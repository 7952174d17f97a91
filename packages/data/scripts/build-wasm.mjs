// Compiles assembly/, the JPEG decoder.
import { fileURLToPath } from 'node:url';
import { compileWasm } from '../../../scripts/compile-wasm.mjs';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
await compileWasm(path('assembly/index.ts'), path('src/generated/jpeg-module.ts'), []);
