import { layerCases } from '@jacinto/net/testing';

const own = (outputs: number, more = ''): string =>
  `num_output: ${outputs} weight_filler { type: "gaussian" std: 0.5 } bias_filler { type: "uniform" min: -0.5 max: 0.5 } ${more}`;
/** All sequences begin at the first step, one more later. */
const marks = { values: [0, 0, 1, 1, 1, 0, 1, 1] };

export const cases = layerCases('LSTM', [
  {
    param: own(3),
    bottoms: [
      [4, 2, 3],
      [4, 2],
    ],
    values: { 1: marks },
    topShapes: [[4, 2, 3]],
    golden: 'lstm',
  },
  {
    name: 'static input',
    param: own(2),
    bottoms: [
      [4, 2, 2, 2],
      [4, 2],
      [2, 3],
    ],
    values: { 1: marks },
    golden: 'lstm_static',
  },
  {
    name: 'exposed states',
    param: own(2, 'expose_hidden: true'),
    bottoms: [
      [3, 2, 2],
      [3, 2],
      [1, 2, 2],
      [1, 2, 2],
    ],
    values: { 1: { values: [1, 1, 1, 0, 1, 1] } },
    topShapes: [
      [3, 2, 2],
      [1, 2, 2],
      [1, 2, 2],
    ],
  },
  {
    name: 'exposed states and static input',
    param: own(2, 'expose_hidden: true'),
    bottoms: [
      [2, 3, 2],
      [2, 3],
      [3, 1],
      [1, 3, 2],
      [1, 3, 2],
    ],
    values: { 1: { constant: 1 } },
  },
]);
