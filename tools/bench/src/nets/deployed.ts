import { createRegistry } from '@jacinto/caffe';
import { type Backend, countOf } from '@jacinto/core-tensor';
import { seededRandom } from '@jacinto/core-tensor/testing';
import { Net } from '@jacinto/net';
import { Phase, parseText } from '@jacinto/proto';
import { jacintoNet11 } from './jacintonet11.ts';
import { jSegNet21 } from './jsegnet21.ts';
import { mobileNetHalf } from './mobilenet.ts';
import { resNet50 } from './resnet50.ts';

/** The nets of `infer` and `memory`, as deployed: batch norms absorbed, random weights. */
export const deployedNets: readonly [name: string, prototxt: string][] = [
  ['JacintoNet11 224×224, batch 1', jacintoNet11(1)],
  ['JacintoNet11 224×224, batch 16', jacintoNet11(16)],
  ['MobileNet-0.5 224×224, batch 1', mobileNetHalf(1)],
  ['ResNet-50 224×224, batch 1', resNet50(1)],
  ['JSegNet21 640×640, batch 1', jSegNet21(640)],
];

/** Such a net, whose blobs take turns in memory unless told otherwise. */
export function deployedNet(prototxt: string, backend: Backend, reuseBuffers = true): Promise<Net> {
  const options = { backend, registry: createRegistry(), phase: Phase.TEST, seed: 1, reuseBuffers };
  return Net.create(parseText('NetParameter', prototxt), options);
}

/** Seeded values between −1 and 1, in which neighbours differ little, as in a picture. */
export function pixelsOf(shape: readonly number[]): Float32Array<ArrayBuffer> {
  const random = seededRandom(3);
  let value = 0;
  return Float32Array.from({ length: countOf(shape) }, () => (value = 0.8 * value + 0.4 * random.uniform(-1, 1)));
}
