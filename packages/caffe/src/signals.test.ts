import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { handleSignals, signalEffect } from './signals.ts';

function run(sigint: 'stop' | 'snapshot' | 'none', sighup: 'stop' | 'snapshot' | 'none') {
  const calls: string[] = [];
  const source = new EventEmitter();
  const target = { requestStop: () => calls.push('stop'), requestSnapshot: () => calls.push('snapshot') };
  const end = handleSignals(source, target, { sigint, sighup, quit: () => calls.push('quit') });
  return { calls, source, end };
}

describe('signals', () => {
  it('stop: the second one quits', () => {
    const { calls, source } = run('stop', 'snapshot');
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGHUP', 'SIGINT']) source.emit(signal);
    expect(calls).toEqual(['snapshot', 'stop', 'snapshot', 'quit']);
  });

  it('none does nothing, and nothing stays behind', () => {
    const { calls, source, end } = run('none', 'stop');
    source.emit('SIGINT');
    end();
    source.emit('SIGHUP');
    expect([calls, source.listenerCount('SIGINT'), source.listenerCount('SIGHUP')]).toEqual([[], 0, 0]);
  });

  it('names the nearest effect', () => {
    expect(signalEffect('sigint_effect', 'none')).toBe('none');
    expect(() => signalEffect('sigint_effect', 'stopp')).toThrow(
      '--sigint_effect "stopp" is not known; did you mean "stop"?',
    );
  });
});
