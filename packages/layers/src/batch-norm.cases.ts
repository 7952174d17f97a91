import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('BatchNorm', [
  { bottoms: [[4, 3, 2, 3]], inPlace: true, gradient: { threshold: 5e-3 }, golden: 'bn_train' },
  { param: 'eps: 0.01', bottoms: [[3, 2, 4]], inPlace: true, gradient: { threshold: 5e-3 }, golden: 'bn_eps' },
  {
    param: 'scale_bias: true',
    bottoms: [[4, 3, 2, 3]],
    blobs: { 3: { uniform: [0.5, 2] }, 4: { gaussian: {} } },
    inPlace: true,
    gradient: { threshold: 5e-3 },
  },
  {
    param: 'scale_filler { type: "uniform" min: 0.5 max: 2 } bias_filler { value: 0.5 }',
    bottoms: [[6, 3]],
    inPlace: true,
    gradient: { threshold: 5e-3 },
  },
  {
    name: 'TEST, averages',
    bottoms: [[2, 3, 2, 3]],
    blobs: { 0: { gaussian: {} }, 1: { uniform: [0.5, 2] } },
    phase: 'TEST',
    inPlace: true,
    gradient: { blobs: [] },
  },
  {
    name: 'TEST, averages, scale and bias',
    param: 'scale_bias: true',
    bottoms: [[2, 3, 2, 3]],
    blobs: { 0: { gaussian: {} }, 1: { uniform: [0.5, 2] }, 3: { uniform: [0.5, 2] }, 4: { gaussian: {} } },
    phase: 'TEST',
    inPlace: true,
    gradient: { blobs: [3, 4] },
  },
  {
    name: 'TEST, sums',
    bottoms: [[2, 3, 2, 3]],
    blobs: { 0: { gaussian: {} }, 1: { uniform: [0.5, 2] }, 2: { constant: 2.5 } },
    phase: 'TEST',
    inPlace: true,
    gradient: { blobs: [] },
  },
  {
    name: 'TRAIN, sums, use_global_stats',
    param: 'use_global_stats: true',
    bottoms: [[2, 3, 2, 3]],
    blobs: { 0: { gaussian: {} }, 1: { uniform: [0.5, 2] }, 2: { constant: 2.5 } },
    inPlace: true,
    gradient: { blobs: [] },
  },
]);
