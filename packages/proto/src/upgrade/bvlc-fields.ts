import { decode } from '../binary/decode.ts';
import { WIRE, WireReader } from '../binary/wire-reader.ts';
import type { LayerParameter, NetParameter, ParameterParameter, RecurrentParameter } from '../generated/messages.ts';
import { has } from '../messages/message.ts';
import { takeUnknownFields } from '../messages/unknown-fields.ts';
import type { UpgradeLog } from './note.ts';

/**
 * BVLC Caffe writes `parameter_param` as field 145 of a layer and `recurrent_param` as 146; here these numbers are the
 * enums forward_type and backward_type, and recurrent_param is 151. A binary file tells nothing but the wire type, so
 * such a field arrives as an unknown one; the layer's type says what it is.
 */
export function upgradeBvlcFields(net: NetParameter, log: UpgradeLog): void {
  for (const layer of net.layer) {
    const { type } = layer;
    if (type === 'Parameter' && !has(layer, 'parameterParam')) {
      const bytes = takeMessage(layer, 145);
      if (bytes === undefined) continue;
      layer.parameterParam = decode('ParameterParameter', bytes) as ParameterParameter;
      log.applied(`layer "${layer.name ?? ''}": field 145 is BVLC's parameter_param`);
    } else if ((type === 'LSTM' || type === 'RNN') && !has(layer, 'recurrentParam')) {
      const bytes = takeMessage(layer, 146);
      if (bytes === undefined) continue;
      layer.recurrentParam = decode('RecurrentParameter', bytes) as RecurrentParameter;
      log.applied(`layer "${layer.name ?? ''}": field 146 is BVLC's recurrent_param`);
    }
  }
}

/** The content of an unknown field that holds a message. */
function takeMessage(layer: LayerParameter, number: number): Uint8Array | undefined {
  const tag = number * 8 + WIRE.BYTES;
  const [field] = takeUnknownFields(layer, (bytes) => new WireReader(bytes).varint(bytes.length) === tag);
  if (field === undefined) return undefined;
  const reader = new WireReader(field);
  reader.varint(field.length);
  reader.varint(field.length);
  return field.subarray(reader.pos);
}
