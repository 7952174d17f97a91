import { filtersPicture, weightsPicture } from '@jacinto/plot';
import type { ConvolutionWeights } from '@jacinto/sparsity';
import type { StageResult } from '../measure.ts';
import { countText, percentText } from '../units.ts';
import { bar, escaped, image, table } from './html.ts';

/** Weights up to this many are drawn one by one; more would make the page heavy. */
const mostDrawn = 40_000;

/** Trained nets whose weights differ, in order. */
const trained = (results: readonly StageResult[]) =>
  results.flatMap(({ stage, model }) =>
    stage.training === undefined || model === undefined ? [] : [{ stage, model }],
  );

/** Zeros and work of each layer, a row each. */
export function layersSection(results: readonly StageResult[]): string {
  const nets = trained(results);
  const [first, last] = [nets[0], nets.at(-1)];
  if (first === undefined || last === undefined) return '';
  const titles = ['layer', 'weights', ...nets.map(({ stage }) => `zeros, ${stage.title}`), 'MACs', 'MACs left'];
  const rows = first.model.work.map((layer, i) => {
    const zeros = nets.map(({ model }) => {
      const { left, dense } = model.work[i]!;
      const share = 1 - left / dense;
      return bar(share, percentText(share));
    });
    const left = last.model.work[i]!.left;
    return [
      `${escaped(layer.name)} <span class="soft">${escaped(layer.type)}</span>`,
      ...[countText(layer.weights), ...zeros, countText(layer.dense)],
      `${countText(left)} (${percentText(left / layer.dense, 0)})`,
    ];
  });
  return `<h2 id="layers">Zeros in each layer</h2>
<p>Only convolutions are made sparse: the more inputs and outputs one has, the more of its weights go. MACs are
multiplications with an addition, for one picture.</p>
${table('Share of weights that are 0 after each training', titles, rows)}`;
}

/** The first layer's filters, and all weights of the largest layer that can be drawn, after each training. */
export async function weightsSection(results: readonly StageResult[]): Promise<string> {
  const nets = trained(results);
  const first = nets[0]?.model.convolutions.find(({ shape }) => shape[1] === 3 || shape[1] === 1);
  const drawable = nets[0]?.model.convolutions.filter(
    ({ values, layer }) => values.length <= mostDrawn && layer !== first?.layer,
  );
  const large = drawable?.sort((a, b) => b.values.length - a.values.length)[0];
  const parts: string[] = [];
  if (first !== undefined) {
    parts.push(
      `<p>The ${first.shape[0]} filters of ${escaped(first.layer)}, which looks at the picture itself, in the colours each looks for. Grey is 0.</p>`,
    );
    parts.push(await figures(nets, first, (one, limit, alt) => filters(one, limit, alt)));
  }
  if (large !== undefined) {
    parts.push(
      `<p>All ${large.values.length} weights of ${escaped(large.layer)}, a line an output: the stronger the colour, the larger. Empty is 0.</p>`,
    );
    parts.push(await figures(nets, large, (one, limit, alt) => every(one, limit, alt)));
  }
  return parts.length === 0 ? '' : `<h2 id="weights">Weights</h2>\n${parts.join('\n')}`;
}

type Draw = (weights: ConvolutionWeights, limit: number, alt: string) => Promise<string>;

async function figures(nets: ReturnType<typeof trained>, { layer }: ConvolutionWeights, draw: Draw): Promise<string> {
  const all = nets.map(({ model }) => model.convolutions.find((one) => one.layer === layer)!);
  const limit = largest(all[0]!.values); // one scale for all, so that they can be compared
  const drawn = await Promise.all(
    all.map(async (weights, i) => {
      const title = nets[i]!.stage.title;
      const zeros = weights.values.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);
      const caption = `${title}: ${percentText(zeros / weights.values.length)} zeros`;
      return `<figure class="card">${await draw(weights, limit, `Weights of ${layer} after ${title}`)}<figcaption>${escaped(caption)}</figcaption></figure>`;
    }),
  );
  return `<div class="row">${drawn.join('\n')}</div>`;
}

const filters: Draw = async ({ shape, values }, limit, alt) =>
  image(await filtersPicture(shape, values, { limit, scale: 1 }), alt, ' class="pixels"');

const every: Draw = async ({ shape, values }, limit, alt) =>
  image(await weightsPicture(shape, values, { limit }), alt, ' class="pixels weights"');

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
