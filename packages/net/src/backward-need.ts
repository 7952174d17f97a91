/** What the analysis must know of a layer. Tops without a name are ''. */
export interface BackwardFacts {
  bottoms: readonly string[];
  tops: readonly string[];
  /** lr_mult ≠ 0 of each blob of the layer. */
  paramsNeed: readonly boolean[];
  /** The prototxt's propagate_down: empty, or one for each bottom. */
  propagateDown: readonly boolean[];
  /** Loss weight of each top. */
  lossWeights: readonly number[];
  allowForceBackward(bottom: number): boolean;
}

/** Which layers run backward, and for which bottoms they compute a gradient. */
export interface BackwardNeed {
  needsBackward: boolean;
  propagateDown: boolean[];
}

/**
 * Which gradients a net must compute (Caffe: Net::Init). From the inputs on: a layer needs backward where a bottom or
 * one of its params does; an explicit propagate_down replaces what a bottom's need would be, and `true` makes the
 * layer need backward. From the end back: layers that feed no loss, or whose tops ask for nothing, need none.
 * `forceBackward`: every layer runs backward, for every bottom that allows it.
 */
export function backwardNeed(layers: readonly BackwardFacts[], forceBackward = false): BackwardNeed[] {
  const need = inferred(layers);
  prune(layers, need);
  if (forceBackward) {
    layers.forEach((layer, i) => {
      const own = need[i]!;
      own.needsBackward = true;
      own.propagateDown = own.propagateDown.map((wanted, j) => wanted || layer.allowForceBackward(j));
    });
  }
  return need;
}

function inferred(layers: readonly BackwardFacts[]): BackwardNeed[] {
  const needed = new Set<string>();
  return layers.map(({ bottoms, tops, paramsNeed, propagateDown: given }) => {
    const ofBlobs = bottoms.map((blob) => needed.has(blob));
    const propagateDown = given.length > 0 ? [...given] : ofBlobs;
    const needsBackward = [...ofBlobs, ...given, ...paramsNeed].some(Boolean);
    if (needsBackward) for (const top of tops) needed.add(top);
    return { needsBackward, propagateDown };
  });
}

/** Takes back what feeds no loss, and what only feeds bottoms whose gradient nobody wants. */
function prune(layers: readonly BackwardFacts[], need: readonly BackwardNeed[]): void {
  const underLoss = new Set<string>();
  const skipped = new Set<string>();
  for (let i = layers.length - 1; i >= 0; i--) {
    const { bottoms, tops, lossWeights } = layers[i]!;
    const own = need[i]!;
    const contributes = tops.some((top, j) => lossWeights[j] !== 0 || underLoss.has(top));
    if (!contributes || (own.needsBackward && tops.every((top) => skipped.has(top)))) {
      own.needsBackward = false;
      own.propagateDown.fill(false);
    }
    bottoms.forEach((blob, j) => {
      if (contributes) underLoss.add(blob);
      if (!own.propagateDown[j]) skipped.add(blob);
    });
  }
}
