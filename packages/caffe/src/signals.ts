import { CaffeError, unknownName } from '@jacinto/proto/errors';

/** What a signal does to a running training. */
export type SignalEffect = 'stop' | 'snapshot' | 'none';

const effects: readonly SignalEffect[] = ['stop', 'snapshot', 'none'];

/** @throws CaffeError 'usage' for another word. */
export function signalEffect(flag: string, text: string): SignalEffect {
  const effect = effects.find((known) => known === text);
  if (effect !== undefined) return effect;
  const { problem, fix } = unknownName('', text, effects).facts;
  throw new CaffeError({ code: 'usage', problem: `--${flag} ${problem}`, fix });
}

export interface SignalTarget {
  requestStop(): void;
  requestSnapshot(): void;
}

/** The part of `process` that handles signals. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGHUP', handler: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGHUP', handler: () => void): unknown;
}

/**
 * Lets SIGINT and SIGHUP act on a training; gives the function that ends this. A second SIGINT whose effect is "stop"
 * calls `quit`, for a user who presses Ctrl-C twice does not want to wait.
 */
export function handleSignals(
  source: SignalSource,
  target: SignalTarget,
  { sigint, sighup, quit }: { sigint: SignalEffect; sighup: SignalEffect; quit: () => void },
): () => void {
  let stops = 0;
  const act = (effect: SignalEffect) => () => {
    if (effect === 'snapshot') target.requestSnapshot();
    if (effect !== 'stop') return;
    if (++stops > 1) quit();
    else target.requestStop();
  };
  const onInt = act(sigint);
  const onHup = act(sighup);
  source.on('SIGINT', onInt);
  source.on('SIGHUP', onHup);
  return () => {
    source.off('SIGINT', onInt);
    source.off('SIGHUP', onHup);
  };
}
