import { filterNet } from '@jacinto/net';
import { create, type NetParameter, Phase } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';

/**
 * A net for use out of one for training or testing: its data layer becomes an input of `shape` (C, H, W; one picture),
 * and what needs labels, losses and accuracies, goes; a
 * SoftmaxWithLoss leaves a Softmax, "prob". @throws CaffeError 'unsupported' without a data layer of TEST.
 */
export function deployNet(
  net: NetParameter,
  [channels, height, width]: readonly [number, number, number],
): NetParameter {
  const tested = filterNet(net, create('NetState', { phase: Phase.TEST }));
  const data = tested.layer.find(({ bottom, top }) => bottom.length === 0 && top.length > 0);
  if (data === undefined) {
    throw new CaffeError({
      code: 'unsupported',
      problem: 'the net has no data layer for phase TEST',
      fix: 'give a net that caffe test can run',
    });
  }
  const [pictures, ...labels] = data.top as [string, ...string[]];
  const gone = new Set(labels);
  const body = tested.layer.filter((layer) => {
    if (layer === data) return false;
    const stays = !layer.bottom.some((bottom) => gone.has(bottom));
    if (!stays) for (const top of layer.top) gone.add(top);
    return stays;
  });
  const input = create('LayerParameter', {
    ...{ name: data.name, type: 'Input', top: [pictures] },
    inputParam: { shape: [{ dim: [1, channels, height, width] }] },
  });
  const loss = tested.layer.find(({ type }) => type === 'SoftmaxWithLoss');
  const scores = loss?.bottom[0];
  const softmax =
    scores === undefined
      ? []
      : [create('LayerParameter', { name: 'prob', type: 'Softmax', bottom: [scores], top: ['prob'] })];
  return create('NetParameter', { name: `${net.name ?? ''}_deploy`, layer: [input, ...body, ...softmax] });
}
