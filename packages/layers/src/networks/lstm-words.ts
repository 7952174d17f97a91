import { NetText } from './net-text.ts';

/**
 * A language model: words (indices, T,N) with their marks `cont` (0 where a sentence begins) → the next word, of which
 * those labelled -1 do not count (Donahue et al. 2015).
 */
export function lstmWords({ steps = 20, items = 4, words = 50, width = 32 } = {}): string {
  const net = new NetText();
  net.input('label', [steps, items]);
  net.input('cont', [steps, items]);
  const data = net.input('data', [steps, items]);
  const filler = 'weight_filler { type: "uniform" min: -0.08 max: 0.08 }';
  const embedded = net.layer(
    'Embed',
    'embedding',
    [data],
    `embed_param { input_dim: ${words} num_output: ${width} bias_term: false ${filler} }`,
  );
  const recurrent = `recurrent_param { num_output: ${width} ${filler} bias_filler { type: "constant" } }`;
  const first = net.layer('LSTM', 'lstm1', [embedded, 'cont'], recurrent);
  const second = net.layer('LSTM', 'lstm2', [net.dropout(first, 0.5), 'cont'], recurrent);
  const predicted = net.innerProduct('predict', second, words, 'axis: 2');
  net.softmaxLoss('loss', predicted, 'softmax_param { axis: 2 } loss_param { ignore_label: -1 }');
  return net.toString();
}
