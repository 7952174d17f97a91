export { readStateHdf5, writeStateHdf5 } from './state.ts';
export { readWeightsHdf5, writeWeightsHdf5 } from './weights.ts';
