import type { NetLayer, NetPlugin } from '@jacinto/net';
import { largestOf } from './compare.ts';
import type { Outcome } from './outcome.ts';
import { floatRounding } from './rounding-edges.ts';

/** Runs that a search may take. */
const mostRuns = 48;

/** An input of a ReLU whose side of 0 float rounding decides. */
export interface ReluEdge {
  /** Forward pass, from 0, and layer: edges of one run come in the order of their passes and layers. */
  pass: number;
  layer: number;
  index: number;
  /** |input| as a share of the layer's largest one. */
  distance: number;
}

/** Watches the ReLU layers of a training net, and puts chosen inputs on the other side of 0. */
export class ReluEdges implements NetPlugin {
  readonly found: ReluEdge[] = [];
  private readonly flips: readonly ReluEdge[];
  private readonly passes: number;
  private pass = -1;

  /** @param passes only so many are watched */
  constructor(flips: readonly ReluEdge[], passes: number) {
    this.flips = flips;
    this.passes = passes;
  }

  beforeForward(): void {
    this.pass++;
  }

  async beforeLayerForward({ type, index: layer, bottoms }: NetLayer): Promise<void> {
    if (type !== 'ReLU' || this.pass >= this.passes) return;
    const { data } = bottoms[0]!;
    const values = await data.read();
    const largest = largestOf(values);
    const near = floatRounding * largest;
    for (let index = 0; index < values.length; index++) {
      const size = Math.abs(values[index]!);
      if (size > 0 && size <= near) this.found.push({ pass: this.pass, layer, index, distance: size / largest });
    }
    for (const flip of this.flips) {
      if (flip.pass !== this.pass || flip.layer !== layer) continue;
      const written = data.hostUpdate() as Float32Array;
      written[flip.index] = -written[flip.index]!;
    }
  }
}

/**
 * Looks for inputs of ReLU layers on an edge of 0 that, put on the other side, make a run pass: those nearest to 0
 * first. Undefined where none do within `mostRuns`.
 * @param run with edges plugged into its training net
 */
export async function searchEdges(
  run: (edges: ReluEdges) => Promise<Outcome>,
  passes: number,
): Promise<Outcome | undefined> {
  const queue: (readonly ReluEdge[])[] = [[]];
  for (let runs = 0; runs < mostRuns && queue.length > 0; runs++) {
    const flips = queue.shift()!;
    const edges = new ReluEdges(flips, passes);
    const outcome = await run(edges);
    if (outcome.status === 'passed') return { ...outcome, reason: wordsFor(flips) };
    // A flip makes another run of what comes after it: only edges there are new.
    for (const edge of edges.found) if (isAfter(edge, flips.at(-1))) queue.push([...flips, edge]);
    queue.sort((a, b) => distanceOf(a) - distanceOf(b));
  }
  return undefined;
}

const distanceOf = (flips: readonly ReluEdge[]): number => flips.reduce((sum, { distance }) => sum + distance, 0);

function wordsFor(flips: readonly ReluEdge[]): string | undefined {
  if (flips.length === 0) return undefined;
  const furthest = Math.max(...flips.map(({ distance }) => distance)).toExponential(0);
  return `with ${flips.length} of the ReLU layers' inputs, at most ${furthest} of the largest from 0, on the other side`;
}

function isAfter(a: ReluEdge, b: ReluEdge | undefined): boolean {
  if (b === undefined) return true;
  return a.pass > b.pass || (a.pass === b.pass && (a.layer > b.layer || (a.layer === b.layer && a.index > b.index)));
}
