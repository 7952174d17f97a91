import { type Fusion, fusionsOf } from './fusion.ts';
import type { Fused } from './layer.ts';
import type { NetLayer } from './net-layer.ts';

/** A fusion, and what it does in the present pass. */
interface State {
  readonly fusion: Fusion;
  /** What its producer was last asked, and has answered. */
  asked: boolean;
  fused: Fused;
  /** Whether the producer's last forward did the ReLU's. */
  forward: boolean;
  backward: boolean;
}

const noPass = { from: 0, to: -1, off: false };

/**
 * Switches fusions on and off, pass by pass: they are off where somebody watches single layers, and where a pass over
 * part of the net takes only one of two fused layers, so that every blob then holds what its layer makes.
 */
export class FusionSwitch {
  /** Whether plug-ins look at what single layers make, and at gradients of blobs. */
  watched = { forward: false, backward: false };
  /** How often anything may have been switched. */
  changes = 0;
  private readonly states: State[];
  /** The last forward pass: one like it finds all as it is. */
  private last = noPass;
  /** By index of the ReLU layer. */
  private readonly byRectifier: (State | undefined)[] = [];

  /** `layers`: those of a net; none for a net without fusions. */
  constructor(layers: readonly NetLayer[]) {
    this.states = fusionsOf(layers).map((fusion) => ({
      ...{ fusion, asked: false, fused: 'nothing' },
      ...{ forward: false, backward: false },
    }));
    for (const state of this.states) this.byRectifier[state.fusion.rectifier.index] = state;
  }

  /** All fusions that the net allows, and whether the last forward pass used them. */
  get all(): readonly Readonly<State>[] {
    return this.states;
  }

  beforeForward(from: number, to: number, debugInfo: boolean): void {
    const off = debugInfo || this.watched.forward;
    const { last } = this;
    if (last.from === from && last.to === to && last.off === off) return;
    this.last = { from, to, off };
    this.changes++;
    for (const state of this.states) {
      const { producer, rectifier } = state.fusion;
      const [first, second] = [producer, rectifier].map(({ index }) => from <= index && index <= to);
      if (first) ask(state, second! && !off);
      if (first || second) state.forward = first! && second! && state.fused !== 'nothing';
    }
  }

  beforeBackward(from: number, to: number, debugInfo: boolean): void {
    const off = debugInfo || this.watched.forward || this.watched.backward;
    for (const state of this.states) {
      const { producer, rectifier, backward } = state.fusion;
      const both = from <= producer.index && rectifier.index <= to;
      state.backward = both && producer.needsBackward && !off && backward && state.forward && state.fused === 'both';
      // A layer that was fused for backward must do without where the ReLU layer runs by itself.
      if (!state.backward && state.fused === 'both') this.ask(state, false);
    }
  }

  /** Switches on what a whole forward and backward pass would use, and gives it: for the net's plan. */
  prepareAll(): { fusion: Fusion; backward: boolean }[] {
    if (this.watched.forward) return [];
    for (const state of this.states) this.ask(state, true);
    return this.states
      .filter(({ fused }) => fused !== 'nothing')
      .map(({ fusion, fused }) => ({
        fusion,
        backward: fusion.backward && fused === 'both' && fusion.producer.needsBackward && !this.watched.backward,
      }));
  }

  /** Asks between forward passes. */
  private ask(state: State, on: boolean): void {
    this.last = noPass;
    this.changes++;
    ask(state, on);
  }

  /** Whether a layer's work is done by another one in this pass. */
  leavesOutForward(index: number): boolean {
    return this.byRectifier[index]?.forward === true;
  }

  leavesOutBackward(index: number): boolean {
    return this.byRectifier[index]?.backward === true;
  }
}

function ask(state: State, on: boolean): void {
  if (state.asked === on) return;
  const { producer, relu } = state.fusion;
  state.fused = producer.layer.fuseRectifier!(on ? relu : undefined);
  state.asked = on;
}
