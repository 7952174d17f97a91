import type { Backend, Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { Phase } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { Layer, type Net } from './index.ts';
import { tinyNet } from './testing/index.ts';

const ran: string[] = [];

class Double extends Layer {
  static override readonly type = 'Double';

  reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    top!.reshapeLike(bottom!);
  }

  override onlyRunsOperations(): boolean {
    return true;
  }

  forward([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    ran.push(this.name);
    const x = bottom!.data.hostRead();
    top!.data.hostWrite<Float32Array>().set(x.map((value) => 2 * value));
  }
}

/** The same, but of its own accord. */
class Free extends Double {
  static override readonly type = 'Free';

  override onlyRunsOperations(): boolean {
    return false;
  }
}

/** A backend that records everything, notes when it repeats, and repeats by doing the work. */
function recordingBackend(log: string[], state = { records: true, holds: true }) {
  const backend: Backend = {
    ...createReferenceBackend(),
    record(work) {
      work();
      log.push('record');
      if (!state.records) return undefined;
      return {
        run() {
          if (!state.holds) return false;
          log.push('repeat');
          work();
          return true;
        },
      };
    },
  };
  return { backend, state };
}

const layer = (name: string, bottom: string, type = 'Double') =>
  `layer { name: "${name}" type: "${type}" bottom: "${bottom}" top: "${name}" }`;
const text = `
  layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 } } }
  ${layer('a', 'x')} ${layer('b', 'a')} ${layer('free', 'b', 'Free')} ${layer('alone', 'free')}
  ${layer('other', 'alone', 'Free')} ${layer('c', 'other')} ${layer('d', 'c')}`;
const all = ['a', 'b', 'free', 'alone', 'other', 'c', 'd'];

async function build(log: string[], phase = Phase.TEST) {
  const { backend, state } = recordingBackend(log);
  const net = await tinyNet(text, { backend, phase, layers: [Double, Free] });
  log.length = 0;
  return { net, state };
}

/** Runs a pass on ones, and gives the layers that ran; each stretch counts as what its layers do. */
async function pass(net: Net, range = {}): Promise<string[]> {
  ran.length = 0;
  net.blob('x').data.hostWrite().fill(1);
  await net.forward(range);
  return [...ran];
}

describe('layers that only run operations', () => {
  it('are recorded where they are in a row, and repeated', async () => {
    const log: string[] = [];
    const { net } = await build(log);
    expect(await pass(net)).toEqual(all);
    expect(log).toEqual(['record', 'record']);
    for (let i = 0; i < 3; i++) {
      expect(await pass(net)).toEqual(all);
      expect([...net.blob('d').data.hostRead()]).toEqual([128, 128]);
    }
    expect(log.slice(2)).toEqual(Array(6).fill('repeat'));
    expect(net.forwardCount).toBe(4);
  });

  it('are recorded anew where shapes have changed, of inputs or of any blob of theirs', async () => {
    const log: string[] = [];
    const { net } = await build(log);
    for (const change of [
      () => net.blob('x').reshape([3]),
      () => net.blob('c').reshape([1, 3]),
      () => net.reshape(),
      () => net.restoreState(net.saveState()),
    ]) {
      await pass(net);
      await pass(net);
      log.length = 0;
      change();
      expect(await pass(net)).toEqual(all);
      const { count } = net.blob('x');
      expect([...net.blob('d').data.hostRead()]).toEqual(Array(count).fill(128));
      expect(log).toContain('record');
      await pass(net); // the layers may be others after a reshape: recorded once more
      await pass(net);
      expect(log.slice(-2)).toEqual(['repeat', 'repeat']);
    }
  });

  it('are recorded anew where a blob uses the memory of another', async () => {
    const log: string[] = [];
    const { net } = await build(log);
    await pass(net);
    await pass(net);
    const lent = net.blob('b');
    net.blob('a').shareData(lent);
    log.length = 0;
    await pass(net);
    expect(log).toEqual(['record', 'repeat']);
  });

  it('run one by one where somebody watches them, from whenever that is', async () => {
    const log: string[] = [];
    const lines: string[] = [];
    const { net } = await build(log);
    await pass(net);
    await pass(net);
    log.length = 0;
    const seen: string[] = [];
    net.use({ afterLayerForward: ({ name }) => void seen.push(name) });
    await pass(net);
    expect(seen).toEqual(['x', ...all]);
    expect(log).toEqual([]);

    const debugged = await tinyNet(text, {
      backend: recordingBackend(log).backend,
      ...{ phase: Phase.TEST, layers: [Double, Free] },
      onEvent: ({ type }) => void lines.push(type),
    });
    for (let i = 0; i < 2; i++) await pass(debugged);
    lines.length = 0;
    log.length = 0;
    debugged.debugInfo = true;
    await pass(debugged);
    expect(lines.filter((type) => type === 'debug-info').length).toBeGreaterThanOrEqual(all.length);
    expect(log).toEqual([]);
    debugged.debugInfo = false;
    await pass(debugged);
    expect(log.length).toBe(2);
  });

  it('run one by one in passes over a part of them', async () => {
    const log: string[] = [];
    const { net } = await build(log);
    await pass(net);
    await pass(net);
    log.length = 0;
    expect(await pass(net, { to: 'a' })).toEqual(['a']);
    expect(await pass(net, { from: 'd' })).toEqual(['d']);
    expect(log).toEqual([]);
    expect(await pass(net, { from: 'c' })).toEqual(['c', 'd']);
    expect(log.length).toBe(1);
  });

  it('run one by one where the backend refuses, and are left alone after eight recordings in vain', async () => {
    const log: string[] = [];
    const { net, state } = await build(log);
    await pass(net);
    state.holds = false;
    for (let i = 0; i < 12; i++) expect(await pass(net)).toEqual(all);
    expect(log.filter((line) => line === 'repeat')).toEqual([]);
    state.records = false;
    log.length = 0;
    for (let i = 0; i < 12; i++) expect(await pass(net)).toEqual(all);
    expect(log.length).toBe(16);
    net.blob('x').reshape([4]);
    state.records = true;
    state.holds = true;
    for (let i = 0; i < 3; i++) await pass(net);
    expect(log.slice(-2)).toEqual(['repeat', 'repeat']);
  });

  it('are not recorded in TRAIN', async () => {
    const log: string[] = [];
    const { net } = await build(log, Phase.TRAIN);
    for (let i = 0; i < 3; i++) expect(await pass(net)).toEqual(all);
    expect(log).toEqual([]);
  });
});
