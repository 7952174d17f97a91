import { describe, expect, it } from 'vitest';
import { type BackwardFacts, backwardNeed } from './backward-need.ts';

/** A layer in short: `layer('x label', 'loss', { loss: [1] })`. */
function layer(
  bottoms: string,
  tops: string,
  {
    params = [],
    loss,
    down = [],
    noForce = [],
  }: { params?: boolean[]; loss?: number[]; down?: boolean[]; noForce?: number[] } = {},
): BackwardFacts {
  const topNames = tops.split(' ').filter(Boolean);
  return {
    bottoms: bottoms.split(' ').filter(Boolean),
    tops: topNames,
    paramsNeed: params,
    propagateDown: down,
    lossWeights: loss ?? topNames.map(() => 0),
    allowForceBackward: (i) => !noForce.includes(i),
  };
}

/** '+' where a layer runs backward, else '-', and the same for its bottoms: "-: +:-+". */
const summary = (layers: BackwardFacts[], force = false): string =>
  backwardNeed(layers, force)
    .map(({ needsBackward, propagateDown }) => {
      const sign = (each: boolean): string => (each ? '+' : '-');
      return `${sign(needsBackward)}:${propagateDown.map(sign).join('')}`;
    })
    .join(' ');

describe('backwardNeed', () => {
  it('stops at the data: the first layer with params computes none for its bottom', () => {
    const net = [
      layer('', 'data label'),
      layer('data', 'ip1', { params: [true, true] }),
      layer('ip1', 'ip2', { params: [true] }),
      layer('ip2 label', 'loss', { loss: [1] }),
    ];
    expect(summary(net)).toBe('-: +:- +:+ +:+-');
  });

  it('needs nothing where all params are frozen, and goes no further down than the lowest that learns', () => {
    const net = (first: boolean, second: boolean) => [
      layer('', 'data label'),
      layer('data', 'ip1', { params: [first] }),
      layer('ip1', 'ip2', { params: [second] }),
      layer('ip2 label', 'loss', { loss: [1] }),
    ];
    expect(summary(net(false, true))).toBe('-: -:- +:- +:+-');
    expect(summary(net(false, false))).toBe('-: -:- -:- -:--');
  });

  it('leaves out what feeds no loss (accuracy, silence)', () => {
    const net = [
      layer('', 'data label'),
      layer('data', 'ip', { params: [true] }),
      layer('ip', 'ip_0 ip_1'),
      layer('ip_0 label', 'accuracy'),
      layer('ip_1', 'loss', { loss: [1] }),
      layer('accuracy', ''),
    ];
    expect(summary(net)).toBe('-: +:- +:+ -:-- +:+ -:-');
  });

  it('follows a layer in place', () => {
    const net = [
      layer('', 'x'),
      layer('x', 'y', { params: [true] }),
      layer('y', 'y'),
      layer('y', 'loss', { loss: [1] }),
    ];
    expect(summary(net)).toBe('-: +:- +:+ +:+');
  });

  describe('propagate_down', () => {
    const net = (label: boolean) => [
      layer('', 'data label'),
      layer('data', 'data_0 data_1'),
      layer('label', ''),
      layer('data_0', 'ip', { params: [true, true] }),
      layer('data_1', 'ip_label', { params: [true, true] }),
      layer('ip_label', 'label_argmax'),
      layer('ip label_argmax', 'loss', { loss: [1], down: [true, label] }),
    ];

    it('true keeps what the need would be', () => {
      expect(summary(net(true))).toBe('-: -:- -:- +:- +:- +:+ +:++');
    });

    it('false switches off all that only that bottom would ask for', () => {
      expect(summary(net(false))).toBe('-: -:- -:- +:- -:- -:- +:+-');
    });

    it('true brings the gradient to an input, and makes a layer without params run', () => {
      const net = [layer('', 'x'), layer('x', 'y', { down: [true] }), layer('y', 'loss', { loss: [1] })];
      expect(summary(net)).toBe('-: +:+ +:+');
    });
  });

  it('force_backward: all layers, all bottoms that allow it, also without a loss', () => {
    const net = [
      layer('', 'data label'),
      layer('data', 'ip', { params: [false] }),
      layer('ip label', 'loss', { loss: [1], noForce: [1] }),
    ];
    expect(summary(net, true)).toBe('+: +:+ +:+-');
    expect(summary(net.slice(0, 2), true)).toBe('+: +:+');
  });

  it('does not mix up tops without a name', () => {
    const net = [
      layer('', 'x'),
      { ...layer('x', 'x', { params: [true] }) },
      { ...layer('x', '', { loss: [1] }), tops: [''] },
    ];
    expect(summary(net)).toBe('-: +:- +:+');
  });
});
