import type { FusedAddition } from './addition.ts';

interface State {
  readonly addition: FusedAddition;
  /** Whether its producer is to do it, and whether it does. */
  asked: boolean;
  active: boolean;
}

/** Switches sums that other layers do on and off, pass by pass; on only where nobody looks at blobs in between. */
export class AdditionSwitch {
  /** Whether somebody may look at any blob. */
  watched = false;
  /** How often anything may have been switched. */
  changes = 0;
  private readonly states: readonly State[];
  /** By index of each layer that takes part. */
  private readonly byLayer: (State | undefined)[] = [];

  constructor(additions: readonly FusedAddition[]) {
    this.states = additions.map((addition) => ({ addition, asked: false, active: false }));
    for (const state of this.states) {
      const { producer, layer, rectifier } = state.addition;
      for (const each of [producer, layer, rectifier]) if (each !== undefined) this.byLayer[each.index] = state;
    }
  }

  beforeForward(from: number, to: number, debugInfo: boolean): void {
    const off = debugInfo || this.watched;
    for (const state of this.states) {
      const { producer, layer, rectifier } = state.addition;
      const on = !off && from <= producer.index && (rectifier ?? layer).index <= to;
      if (state.asked !== on) this.ask(state, on);
    }
  }

  /** What a whole forward pass would use: for the net's plan. */
  prepareAll(): FusedAddition[] {
    for (const state of this.states) this.ask(state, !this.watched);
    return this.states.filter(({ active }) => active).map(({ addition }) => addition);
  }

  /** Asks a layer anew that was prepared for other shapes. */
  reshaped(index: number): void {
    const state = this.byLayer[index];
    if (state?.asked === true && state.addition.producer.index === index) this.ask(state, true);
  }

  /** Whether a layer's work is done by another one in this pass. */
  leavesOut(index: number): boolean {
    const state = this.byLayer[index];
    return state?.active === true && state.addition.producer.index !== index;
  }

  private ask(state: State, on: boolean): void {
    this.changes++;
    ask(state, on);
  }
}

function ask(state: State, on: boolean): void {
  const { producer, addend, sum } = state.addition;
  const [own] = producer.tops;
  const fits = on && addend.hasShape(own!.shape);
  if (fits) sum.reshapeLike(own!);
  state.active = producer.layer.fuseAddition!(fits ? state.addition : undefined);
  state.asked = on;
}
