/** The running mean of the last losses that `average_loss` asks for; plain data, kept in snapshots. */
export interface SmoothedLoss {
  value: number;
  losses: readonly number[];
  /** Iteration at which the window began. */
  startIter: number;
}

export function emptyWindow(startIter: number): SmoothedLoss {
  return { value: 0, losses: [], startIter };
}

/**
 * The window after the loss of iteration `iter` (Caffe: Solver::UpdateSmoothedLoss): the plain mean until `size`
 * losses are there; from then on each loss takes the place of the one `size` iterations before it.
 */
export function smooth(window: SmoothedLoss, loss: number, iter: number, size: number): SmoothedLoss {
  const { value, losses, startIter } = window;
  if (losses.length < size) {
    const count = losses.length + 1;
    return { value: (value * (count - 1) + loss) / count, losses: [...losses, loss], startIter };
  }
  const slot = (iter - startIter) % size;
  return { value: value + (loss - losses[slot]!) / size, losses: losses.with(slot, loss), startIter };
}
