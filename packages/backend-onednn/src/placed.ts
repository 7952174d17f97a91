import type { HostBlock, Values } from '@jacinto/core-tensor';
import type { Call } from './context.ts';
import type { Layout } from './layouts.ts';
import type { Copy, Places } from './places.ts';

/**
 * A call and its arguments, each in a fixed layout. `run` takes the values that the call reads, in the order in which
 * the arguments were given, and those that it overwrites. Its work is one loop over small functions: V8 compiles it
 * anew, beside OpenMP's threads, while a net runs its first hundred times.
 */
export class PlacedCall {
  private readonly call: Call;
  private readonly inputs: readonly Placed[];
  private readonly output: Placed;

  constructor(call: Call, inputs: readonly Placed[], output: Placed) {
    this.call = call;
    this.inputs = inputs;
    this.output = output;
  }

  run(inputs: readonly (Values | undefined)[], output: Values): void {
    for (let i = 0; i < this.inputs.length; i++) this.inputs[i]!.read(inputs[i]!);
    this.output.write(output);
    this.call.run();
  }
}

/**
 * An argument of a call, in a fixed layout. What held at its last use and still holds is not looked up again: in small
 * nets this counts beside the work itself.
 */
export class Placed {
  readonly layout: Layout;
  private readonly places: Places;
  private readonly call: Call;
  private readonly index: number;
  private values: Values | undefined;
  /** What these values counted as changes when they were last placed. */
  private changes = 0;
  /** All copies of these values when it was last placed, the one that it uses, and where that lay. */
  private device: unknown;
  private copy: Copy | undefined;
  private block: HostBlock | undefined;

  constructor(places: Places, call: Call, index: number, layout: Layout) {
    this.places = places;
    this.call = call;
    this.index = index;
    this.layout = layout;
  }

  /** Values that the call reads: brought into the layout where they are not. */
  read(values: Values): void {
    // Weights and biases stand still; they are where they were.
    if (values === this.values && values.changes === this.changes) return;
    if (this.isKnown(values) && this.copy!.current && values.place !== 'host') return;
    this.put(values, this.places.read(values, this.layout));
  }

  /** Values that the call overwrites entirely; they are then current in this layout only. */
  write(values: Values): void {
    if (this.isKnown(values)) this.places.overwritten(values, this.copy!);
    else this.put(values, this.places.write(values, this.layout));
  }

  /** Whether it lies where these values have their copy in the layout. */
  private isKnown(values: Values): boolean {
    return (
      values === this.values &&
      this.copy !== undefined &&
      values.device === this.device &&
      values.count === this.layout.count &&
      this.copy.block === this.block
    );
  }

  private put(values: Values, offset: number): void {
    this.call.place(this.index, offset);
    this.values = values;
    this.changes = values.changes;
    this.device = values.device;
    this.copy = this.layout.plain ? undefined : this.places.copyIn(values, this.layout);
    this.block = this.copy?.block;
  }
}
