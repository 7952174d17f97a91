/** What one step of LSTM cells reads and writes; gates are N × 4D in the order i, f, o, g. */
export interface LstmStep {
  items: number;
  outputs: number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * c = cont·σ(f)·cPrev + σ(i)·tanh(g), h = σ(o)·tanh(c). `gates` (before the nonlinearities) become the activations
 * σ(i), σ(f), σ(o), tanh(g) in `active`, which may be `gates`. cont has one value an item: 0 where a sequence begins.
 */
export function lstmUnitForward(
  { items, outputs }: LstmStep,
  v: {
    cPrev: Float32Array;
    gates: Float32Array;
    cont: Float32Array;
    active: Float32Array;
    c: Float32Array;
    h: Float32Array;
  },
): void {
  const { cPrev, gates, cont, active, c, h } = v;
  for (let n = 0; n < items; n++) {
    for (let d = 0; d < outputs; d++) {
      const at = n * outputs + d;
      const gate = n * 4 * outputs + d;
      const i = sigmoid(gates[gate]!);
      const f = sigmoid(gates[gate + outputs]!);
      const o = sigmoid(gates[gate + 2 * outputs]!);
      const g = Math.tanh(gates[gate + 3 * outputs]!);
      active[gate] = i;
      active[gate + outputs] = f;
      active[gate + 2 * outputs] = o;
      active[gate + 3 * outputs] = g;
      // A sequence that begins takes nothing over, not even NaN.
      const kept = cont[n] === 0 ? 0 : cont[n]! * f * cPrev[at]!;
      c[at] = kept + i * g;
      h[at] = o * Math.tanh(c[at]!);
    }
  }
}

/** Gradients of `lstmUnitForward`: dGates (may be `active`) and dcPrev (may be dc) are overwritten. */
export function lstmUnitBackward(
  { items, outputs }: LstmStep,
  v: {
    cPrev: Float32Array;
    active: Float32Array;
    cont: Float32Array;
    c: Float32Array;
    dc: Float32Array;
    dh: Float32Array;
    dGates: Float32Array;
    dcPrev: Float32Array;
  },
): void {
  const { cPrev, active, cont, c, dc, dh, dGates, dcPrev } = v;
  for (let n = 0; n < items; n++) {
    for (let d = 0; d < outputs; d++) {
      const at = n * outputs + d;
      const gate = n * 4 * outputs + d;
      const i = active[gate]!;
      const f = active[gate + outputs]!;
      const o = active[gate + 2 * outputs]!;
      const g = active[gate + 3 * outputs]!;
      const t = Math.tanh(c[at]!);
      const toCell = dc[at]! + dh[at]! * o * (1 - t * t);
      const goesOn = cont[n] !== 0;
      dGates[gate] = toCell * g * i * (1 - i);
      dGates[gate + outputs] = goesOn ? toCell * cPrev[at]! * cont[n]! * f * (1 - f) : 0;
      dGates[gate + 2 * outputs] = dh[at]! * t * o * (1 - o);
      dGates[gate + 3 * outputs] = toCell * i * (1 - g * g);
      dcPrev[at] = goesOn ? toCell * cont[n]! * f : 0;
    }
  }
}
