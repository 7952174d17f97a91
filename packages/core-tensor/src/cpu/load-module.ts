import { inflateSync } from 'fflate';
import * as plain from '../generated/kernels-plain.ts';
import * as relaxed from '../generated/kernels-relaxed.ts';

/** Whether kernels may use relaxed SIMD (fused multiply-add): where the engine has it, or never. */
export type RelaxedSimd = 'auto' | false;

/** A module that is valid only where relaxed SIMD is: one function that does f32x4.relaxed_madd. */
const probe = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 8, 1, 96, 3, 123, 123, 123, 1, 123], // type (v128, v128, v128) → v128
  ...[3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 0xfd, 0x85, 0x02, 11], // local.get ×3, f32x4.relaxed_madd
]);

export const runsInNode = typeof process === 'object' && typeof process.versions?.node === 'string';

/** Node 20's V8 has relaxed SIMD behind a flag; later ones and browsers have it on. */
async function allowRelaxedSimd(): Promise<void> {
  if (!runsInNode || Number(process.versions.node.split('.')[0]) > 20) return;
  const v8 = await import('node:v8');
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** Compiles the kernels, with relaxed SIMD where wanted and possible. */
export async function loadModule(wanted: RelaxedSimd): Promise<{ module: WebAssembly.Module; relaxedSimd: boolean }> {
  let relaxedSimd = false;
  if (wanted === 'auto') {
    await allowRelaxedSimd();
    relaxedSimd = WebAssembly.validate(probe);
  }
  const { deflated, size } = relaxedSimd ? relaxed : plain;
  const packed = Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0));
  const module = await WebAssembly.compile(inflateSync(packed, { out: new Uint8Array(size) }));
  return { module, relaxedSimd };
}
