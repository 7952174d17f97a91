import type { BatchNormOperation, BatchNormSpec } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import { read, relu, update, write } from './floats.ts';

export function batchNorm({ x: xSpec, eps, relu: activation }: BatchNormSpec): BatchNormOperation {
  const batch = xSpec.shape[0] ?? 1;
  const channels = xSpec.shape[1] ?? 1;
  const plane = countOf(xSpec.shape.slice(2));
  const perChannel = batch * plane;

  function forEachOf(channel: number, visit: (at: number) => void): void {
    for (let n = 0; n < batch; n++) {
      for (let i = 0; i < plane; i++) visit((n * channels + channel) * plane + i);
    }
  }
  const meanOf = (sum: number): number => (perChannel === 0 ? 0 : sum / perChannel);
  const activate = (value: number): number => (activation === undefined ? value : relu(value, activation.slope));

  return {
    forwardTraining(v, running) {
      const x = read(v.x);
      if (v.stash !== undefined) write(v.stash).set(x);
      const y = write(v.y);
      const scale = v.scale === undefined ? undefined : read(v.scale);
      const bias = v.bias === undefined ? undefined : read(v.bias);
      const [means, invStds] = [write(v.mean), write(v.invStd)];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        forEachOf(c, (at) => {
          sum += x[at]!;
        });
        const mean = meanOf(sum);
        let squares = 0;
        forEachOf(c, (at) => {
          squares += (x[at]! - mean) ** 2;
        });
        const variance = meanOf(squares);
        const invStd = 1 / Math.sqrt(variance + eps);
        forEachOf(c, (at) => {
          y[at] = activate((x[at]! - mean) * invStd * (scale?.[c] ?? 1) + (bias?.[c] ?? 0));
        });
        means[c] = mean;
        invStds[c] = invStd;
        if (running === undefined) continue;
        const { keep, add, varianceCorrection } = running;
        if (v.runningMean !== undefined) {
          const runningMean = update(v.runningMean);
          runningMean[c] = keep * runningMean[c]! + add * mean;
        }
        if (v.runningVariance !== undefined) {
          const runningVariance = update(v.runningVariance);
          runningVariance[c] = keep * runningVariance[c]! + add * varianceCorrection * variance;
        }
      }
    },
    backwardTraining(v, { accumulate }) {
      const [x, dyValues] = [read(v.x), read(v.dy)];
      const [mean, invStd] = [read(v.mean), read(v.invStd)];
      const y = activation === undefined ? undefined : read(v.y!);
      const scale = v.scale === undefined ? undefined : read(v.scale);
      const dx = v.dx === undefined ? undefined : write(v.dx);
      const dScale = v.dScale === undefined ? undefined : update(v.dScale);
      const dBias = v.dBias === undefined ? undefined : update(v.dBias);
      const dy = (at: number): number => dyValues[at]! * (y === undefined || y[at]! > 0 ? 1 : activation!.slope);
      for (let c = 0; c < channels; c++) {
        const normalised = (at: number): number => (x[at]! - mean[c]!) * invStd[c]!;
        let sumDy = 0;
        let sumDyX = 0;
        forEachOf(c, (at) => {
          sumDy += dy(at);
          sumDyX += dy(at) * normalised(at);
        });
        if (dx !== undefined) {
          const factor = (scale?.[c] ?? 1) * invStd[c]!;
          forEachOf(c, (at) => {
            dx[at] = factor * (dy(at) - meanOf(sumDy) - normalised(at) * meanOf(sumDyX));
          });
        }
        if (dScale !== undefined) dScale[c] = sumDyX + (accumulate ? dScale[c]! : 0);
        if (dBias !== undefined) dBias[c] = sumDy + (accumulate ? dBias[c]! : 0);
      }
    },
    forwardGlobal(v, { statisticsFactor = 1 } = {}) {
      const [x, mean, variance] = [read(v.x), read(v.mean), read(v.variance)];
      const scale = v.scale === undefined ? undefined : read(v.scale);
      const bias = v.bias === undefined ? undefined : read(v.bias);
      const y = write(v.y);
      for (let c = 0; c < channels; c++) {
        const invStd = 1 / Math.sqrt(statisticsFactor * variance[c]! + eps);
        forEachOf(c, (at) => {
          const normalised = (x[at]! - statisticsFactor * mean[c]!) * invStd;
          y[at] = activate(normalised * (scale?.[c] ?? 1) + (bias?.[c] ?? 0));
        });
      }
    },
    backwardGlobal(v, { statisticsFactor = 1 } = {}) {
      const [dy, variance] = [read(v.dy), read(v.variance)];
      const y = activation === undefined ? undefined : read(v.y!);
      const scale = v.scale === undefined ? undefined : read(v.scale);
      const dx = write(v.dx);
      for (let c = 0; c < channels; c++) {
        const factor = (scale?.[c] ?? 1) / Math.sqrt(statisticsFactor * variance[c]! + eps);
        forEachOf(c, (at) => {
          dx[at] = dy[at]! * factor * (y === undefined || y[at]! > 0 ? 1 : activation!.slope);
        });
      }
    },
  };
}
