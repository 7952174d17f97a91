import type { RandomStream, Tensor } from '@jacinto/core-tensor';
import { create, type FillerParameter } from '@jacinto/proto';
import { unknownName } from '@jacinto/proto/errors';
import { bilinear, bilinearStatic } from './bilinear.ts';
import { constant } from './constant.ts';
import { checkSparse, type FillerType } from './filler.ts';
import { gaussian } from './gaussian.ts';
import { msra } from './msra.ts';
import { positiveUnitball } from './positive-unitball.ts';
import { uniform } from './uniform.ts';
import { xavier } from './xavier.ts';

/** The filler types; each also exists as `<type>static`, whose object draws once and then repeats its values. */
const types: readonly FillerType[] = [constant, uniform, gaussian, positiveUnitball, xavier, msra, bilinear];
const staticTypes: readonly FillerType[] = [
  ...types.filter((each) => each !== bilinear).map((each) => ({ ...each, type: `${each.type}static` })),
  bilinearStatic,
];
const byType = new Map([...types, ...staticTypes].map((each) => [each.type, each]));

export const fillerTypes: readonly string[] = [...byType.keys()];

/** Fills tensors of one FillerParameter (Caffe: Filler). */
export interface Filler {
  readonly type: string;
  /** Overwrites the tensor's data. @throws CaffeError on bad fields or a shape the type cannot fill. */
  fill(tensor: Tensor, random: RandomStream): void;
}

/** @throws CaffeError 'unknown-name' naming the nearest type; 'bad-value' for `sparse` where it means nothing. */
export function createFiller(param: FillerParameter = create('FillerParameter')): Filler {
  const filler = byType.get(param.type);
  if (filler === undefined) throw unknownName('filler.type', param.type, fillerTypes);
  checkSparse(filler, param);
  const isStatic = staticTypes.includes(filler);
  let held: Float32Array | Float64Array | undefined;
  return {
    type: filler.type,
    fill(tensor, random) {
      const values = tensor.data.hostWrite<Float32Array>();
      if (isStatic && held?.length === values.length) {
        values.set(held);
        return;
      }
      filler.fill(values, tensor.shape, param, random);
      if (isStatic) held = values.slice();
    },
  };
}

/** Fills a tensor's data once, as `param` says; without it with zeros. */
export function fill(tensor: Tensor, param: FillerParameter | undefined, random: RandomStream): void {
  createFiller(param).fill(tensor, random);
}
