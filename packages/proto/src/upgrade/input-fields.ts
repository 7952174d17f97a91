import type { LayerParameter, NetParameter } from '../generated/messages.ts';
import { locationOf, setLocation } from '../messages/location.ts';
import { create, has } from '../messages/message.ts';
import type { UpgradeLog } from './note.ts';

/**
 * Turns the net's `input` with `input_shape` or `input_dim` into one Input layer at the front; inputs without shapes
 * are stripped.
 */
export function upgradeInputFields(net: NetParameter, log: UpgradeLog): void {
  if (!has(net, 'input')) return;
  if (has(net, 'inputShape') || has(net, 'inputDim')) {
    net.layer = [inputLayer(net, log), ...net.layer];
    log.applied('the input fields became an Input layer');
  } else log.applied('the input fields, which have no shapes, were removed');
  for (const field of ['input', 'inputShape', 'inputDim']) Reflect.deleteProperty(net, field);
}

function inputLayer(net: NetParameter, log: UpgradeLog): LayerParameter {
  const shapes = net.input.map((name, i) => ({ dim: dimsOf(net, i, name, log) }));
  const layer = create('LayerParameter', {
    name: 'input',
    type: 'Input',
    top: net.input,
    inputParam: { shape: shapes },
  });
  const at = locationOf(net, 'input');
  if (at !== undefined) {
    setLocation(layer, at);
    setLocation(layer.inputParam!, locationOf(net, 'inputShape') ?? locationOf(net, 'inputDim') ?? at);
  }
  return layer;
}

function dimsOf(net: NetParameter, i: number, name: string, log: UpgradeLog): number[] {
  if (has(net, 'inputShape')) {
    const shape = net.inputShape[i];
    if (shape !== undefined) return [...shape.dim];
    const problem = `is given ${net.inputShape.length} time(s) for ${net.input.length} inputs: "${name}" has none`;
    throw log.fail(
      net,
      { code: 'missing', field: 'input_shape', problem, fix: 'give one for each input' },
      'inputShape',
    );
  }
  const dims = net.inputDim.slice(4 * i, 4 * i + 4);
  if (dims.length === 4) return dims;
  const problem = `has ${net.inputDim.length} values for ${net.input.length} input(s): "${name}" lacks some`;
  throw log.fail(net, { code: 'missing', field: 'input_dim', problem, fix: 'give four for each input' }, 'inputDim');
}
