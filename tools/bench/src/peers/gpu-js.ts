import type { BenchContext } from '../entry.ts';
import { loadPeer } from './installed.ts';

interface GpuJs {
  GPU: {
    new (options: {
      mode: string;
    }): { createKernel(body: (...args: never[]) => number, settings: object): GpuKernel; destroy(): unknown };
    isWebAssemblySupported?: boolean;
  };
}

type GpuKernel = ((a: Float32Array[], b: Float32Array[]) => Float32Array[]) & {
  kernel?: { constructor: { name: string }; fallbackReason?: string };
};

export interface GpuProduct {
  name: string;
  /** n×n product of matrices given as rows; synchronous, on one thread. */
  multiply(a: Float32Array[], b: Float32Array[]): Float32Array[];
  dispose(): void;
}

/** gpu.js's matrix product on its WebAssembly backend (mode 'webasm': SIMD, one thread when called synchronously). */
export function gpuJsProduct(n: number, context: BenchContext): GpuProduct | { absent: string } {
  const peer = loadPeer<GpuJs>('gpu.js', context);
  if ('absent' in peer) return peer;
  const gpu = new peer.module.GPU({ mode: 'webasm' });
  // gpu.js reads this function's text and compiles it; `this` is its kernel.
  const body = new Function(
    'a',
    'b',
    'let sum = 0; for (let i = 0; i < this.constants.n; i++) { sum += a[this.thread.y][i] * b[i][this.thread.x]; } return sum;',
  ) as (...args: never[]) => number;
  const kernel = gpu.createKernel(body, { output: [n, n], constants: { n } });
  const probe = Array.from({ length: n }, () => new Float32Array(n));
  kernel(probe, probe);
  const made = kernel.kernel;
  if (made?.constructor.name !== 'WebAssemblyKernel') {
    return { absent: `gpu.js took ${made?.constructor.name} in place of WebAssembly: ${made?.fallbackReason ?? ''}` };
  }
  return {
    name: 'gpu.js (WASM), 1 thread',
    multiply: (a, b) => kernel(a, b),
    dispose: () => void gpu.destroy(),
  };
}
