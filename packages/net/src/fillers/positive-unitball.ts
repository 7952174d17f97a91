import { type FillerType, fanIn } from './filler.ts';

/** 0 ≤ value < 1, divided so that the values of each index of axis 0 sum to 1. */
export const positiveUnitball: FillerType = {
  type: 'positive_unitball',
  fill(values, shape, _param, random) {
    const length = fanIn(values, shape);
    for (let i = 0; i < values.length; i++) values[i] = random.uniform();
    for (let begin = 0; begin < values.length; begin += length) {
      let sum = 0;
      for (let i = begin; i < begin + length; i++) sum += values[i]!;
      for (let i = begin; i < begin + length; i++) values[i]! /= sum;
    }
  },
};
