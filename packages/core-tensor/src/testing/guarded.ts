import type { Backend } from '../backend.ts';
import type { DataType } from '../data-type.ts';
import type { HostBlock } from '../host-memory.ts';
import { Values } from '../values.ts';

const guardBytes = 256;
const canary = 0xa5;

export interface Guarded {
  values: Values;
  /** @throws Error where a byte before or behind the values was changed. */
  check(label?: string): void;
}

/**
 * Values of a backend with guard bands in host memory on both sides, so that a kernel's stray writes are found.
 * (A backend's own device copy has no guards.)
 */
export function guarded(backend: Backend, count: number, dataType: DataType = 'f32'): Guarded {
  const guards: Uint8Array[] = [];
  const outer = new Map<HostBlock, HostBlock>();
  const host = {
    allocate(byteLength: number): HostBlock {
      const whole = backend.host.allocate(byteLength + 2 * guardBytes);
      const block = { buffer: whole.buffer, byteOffset: whole.byteOffset + guardBytes, byteLength };
      outer.set(block, whole);
      guards.push(new Uint8Array(whole.buffer, whole.byteOffset, guardBytes).fill(canary));
      guards.push(new Uint8Array(whole.buffer, block.byteOffset + byteLength, guardBytes).fill(canary));
      return block;
    },
    free(block: HostBlock): void {
      guards.length = 0;
      backend.host.free(outer.get(block)!);
    },
    get usedBytes() {
      return backend.host.usedBytes;
    },
    get peakBytes() {
      return backend.host.peakBytes;
    },
  };
  const inGuards = new Proxy(backend, {
    get: (target, key) => (key === 'host' ? host : Reflect.get(target, key, target)),
  });
  const values = new Values(inGuards, count, dataType);
  return {
    values,
    check(label = 'values') {
      guards.forEach((guard, side) => {
        const at = guard.findIndex((byte) => byte !== canary);
        if (at < 0) return;
        const place = side % 2 === 0 ? `${guardBytes - at} bytes before` : `${at} bytes behind`;
        throw new Error(`a stray write ${place} ${label} (${count} values)`);
      });
    },
  };
}
