import type { Values } from '../values.ts';

/**
 * Random values from a counter-based generator: value i of draw number `draw` depends on (seed, stream, draw, i) only,
 * never on threads or on what was drawn before. A layer's stream is its index in the net.
 */
export interface DropoutSpec {
  count: number;
  /** Share of values set to 0, 0 ≤ ratio < 1. */
  ratio: number;
  seed: number;
  stream: number;
}

export interface DropoutOperation {
  /** mask = 0 or 1/(1−ratio); y = x·mask. x and y may be one buffer. */
  forward(x: Values, y: Values, mask: Values, draw: number): void;
  /** dx = dy·mask, overwritten; may be dy's buffer. */
  backward(dy: Values, mask: Values, dx: Values): void;
}
