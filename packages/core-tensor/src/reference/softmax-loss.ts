import type { SoftmaxLossOperation, SoftmaxLossSpec } from '../operations/index.ts';
import { read, write } from './floats.ts';
import { forEachPosition, softmaxOf } from './softmax.ts';

const smallest = 1.1754943508222875e-38; // FLT_MIN

export function softmaxLoss(spec: SoftmaxLossSpec): SoftmaxLossOperation {
  const { channels, inner, ignoreLabel } = spec;
  const isClass = (label: number): boolean => Number.isInteger(label) && label >= 0 && label < channels;
  return {
    forward(v) {
      const label = read(v.label);
      const weights = v.labelWeights === undefined ? undefined : read(v.labelWeights);
      if (v.x !== undefined) softmaxOf(spec, read(v.x), write(v.prob));
      const prob = read(v.prob);
      let [loss, valid, wrong, firstWrong] = [0, 0, 0, 0];
      let position = 0;
      forEachPosition(spec, (first) => {
        const k = label[position++]!;
        if (k === ignoreLabel) return;
        if (!isClass(k)) {
          if (wrong++ === 0) firstWrong = k;
          return;
        }
        valid++;
        loss -= (weights?.[k] ?? 1) * Math.log(Math.max(prob[first + k * inner]!, smallest));
      });
      write(v.parts).set([loss, valid, wrong, firstWrong]);
    },
    backward(v, factor) {
      const [prob, label] = [read(v.prob), read(v.label)];
      const dx = write(v.dx);
      let position = 0;
      forEachPosition(spec, (first) => {
        const k = label[position++]!;
        const counts = k !== ignoreLabel && isClass(k);
        for (let c = 0; c < channels; c++) {
          const at = first + c * inner;
          dx[at] = counts ? (prob[at]! - (c === k ? 1 : 0)) * factor : 0;
        }
      });
    },
  };
}
