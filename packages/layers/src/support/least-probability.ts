/** Below this a probability counts as this in a logarithm (Caffe: kLOG_THRESHOLD). */
export const leastProbability = 1e-20;
