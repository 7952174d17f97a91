import type { Repetition, Values } from '@jacinto/core-tensor';
import type { Context } from './context.ts';
import type { Placed, PlacedCall } from './placed.ts';

/**
 * Notes calls that find their arguments where they were, to run them again without asking each one. In a small net this
 * counts: what lies between two primitives has left the cache while the first one ran.
 */
export class Recorder {
  /**
   * How often any argument was placed, or values were copied into another layout: while it stands still, every call's
   * arguments are those that it last had, and values that have not changed are current where they were.
   */
  placings = 0;
  private readonly context: Context;
  private calls: PlacedCall[] | undefined;

  constructor(context: Context) {
    this.context = context;
  }

  /** To be called for each call that runs. */
  ran(call: PlacedCall): void {
    this.calls?.push(call);
  }

  /** Undefined where anything else ran, where arguments had to be placed, and where a call ran with several arguments. */
  record(work: () => void): Repetition | undefined {
    const { placings } = this;
    const { counters } = this.context;
    const { primitives, reorders, handedOver } = counters;
    const calls: PlacedCall[] = [];
    this.calls = calls;
    try {
      work();
    } finally {
      this.calls = undefined;
    }
    const ran = calls.reduce((sum, { call }) => sum + call.executions.length, 0);
    if (counters.primitives - primitives !== ran || new Set(calls).size < calls.length) return undefined;
    const others = counters.reorders - reorders + (counters.handedOver - handedOver) + (this.placings - placings);
    return others > 0 ? undefined : new RecordedCalls(this.context, this, calls);
  }
}

/** Values, with what they counted as changes when they were last seen where they should be; −1: not seen there. */
interface Watched {
  readonly values: readonly Values[];
  readonly changes: number[];
  readonly placed: readonly Placed[];
}

class RecordedCalls implements Repetition {
  private readonly recorder: Recorder;
  private readonly placings: number;
  /** What is read but not made here. */
  private readonly inputs: Watched;
  private readonly outputs: Watched;
  private readonly execute: () => void;

  constructor(context: Context, recorder: Recorder, calls: readonly PlacedCall[]) {
    this.recorder = recorder;
    this.placings = recorder.placings;
    const made = new Set<Values>();
    const inputs: Placed[] = [];
    for (const call of calls) {
      inputs.push(...call.inputs.filter(({ values }) => !made.has(values!)));
      made.add(call.output.values!);
    }
    this.inputs = watched(inputs);
    this.outputs = watched(calls.map(({ output }) => output));
    this.execute = context.inRow(calls.map(({ call }) => call));
  }

  run(): boolean {
    const { inputs, outputs } = this;
    if (this.recorder.placings !== this.placings) return false;
    for (let i = 0; i < inputs.values.length; i++) {
      if (inputs.values[i]!.changes !== inputs.changes[i] && !inputs.placed[i]!.isCurrent()) return false;
    }
    for (let i = 0; i < outputs.values.length; i++) {
      if (outputs.values[i]!.changes !== outputs.changes[i] && !outputs.placed[i]!.stays()) return false;
    }
    for (let i = 0; i < outputs.values.length; i++) {
      const values = outputs.values[i]!;
      // What nobody looked at is current nowhere else.
      if (values.changes === outputs.changes[i]) values.markCurrent(values.place);
      else outputs.placed[i]!.overwrite();
      outputs.changes[i] = values.changes;
    }
    this.execute();
    return true;
  }
}

function watched(placed: readonly Placed[]): Watched {
  const values = placed.map((each) => each.values!);
  const changes = placed.map((each) => (each.isCurrent() ? each.values!.changes : -1));
  return { values, changes, placed };
}
