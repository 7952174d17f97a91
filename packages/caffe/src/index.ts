export * from '@jacinto/core-tensor';
export * from '@jacinto/data';
export * from '@jacinto/layers';
export * from '@jacinto/net';
export * from '@jacinto/proto';
export * from '@jacinto/solvers-mixed';
export { runCaffe, type World } from './caffe-command.ts';
export { createRegistry } from './registry.ts';
