import type { HostBlock, Values } from '@jacinto/core-tensor';
import type { Call } from './context.ts';
import type { Layout } from './layouts.ts';
import type { Copy, Places } from './places.ts';
import type { Recorder } from './recorder.ts';

/**
 * A call and its arguments, each in a fixed layout. `run` takes the values that the call reads, in the order in which
 * the arguments were given, and those that it overwrites. Its work is one loop over small functions: V8 compiles it
 * anew, beside OpenMP's threads, while a net runs its first hundred times.
 */
export class PlacedCall {
  readonly inputs: readonly Placed[];
  readonly output: Placed;
  readonly call: Call;
  private readonly recorder: Recorder;

  constructor(call: Call, inputs: readonly Placed[], output: Placed) {
    this.call = call;
    this.inputs = inputs;
    this.output = output;
    this.recorder = output.recorder;
  }

  run(inputs: readonly (Values | undefined)[], output: Values): void {
    for (let i = 0; i < this.inputs.length; i++) this.inputs[i]!.read(inputs[i]!);
    this.output.write(output);
    this.call.run();
    this.recorder.ran(this);
  }
}

/**
 * An argument of a call, in a fixed layout. What held at its last use and still holds is not looked up again: in small
 * nets this counts beside the work itself.
 */
export class Placed {
  readonly layout: Layout;
  /** What it was last. */
  values: Values | undefined;
  private readonly places: Places;
  private readonly call: Call;
  private readonly index: number;
  /** What these values counted as changes when they were last placed. */
  private changes = 0;
  private offset = -1;
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

  get recorder(): Recorder {
    return this.places.recorder;
  }

  /** Values that the call reads: brought into the layout where they are not. */
  read(values: Values): void {
    if (values === this.values && this.isCurrent()) return;
    this.put(values, this.places.read(values, this.layout));
  }

  /** Values that the call overwrites entirely; they are then current in this layout only. */
  write(values: Values): void {
    if (values === this.values && this.stays()) this.overwrite();
    else this.put(values, this.places.write(values, this.layout));
  }

  /** Whether the values that it was last lie where they lay, current in its layout. */
  isCurrent(): boolean {
    const values = this.values!;
    // Weights and biases stand still; they are where they were.
    if (values.changes === this.changes) return true;
    if (!this.stays()) return false;
    return this.copy === undefined ? values.place !== 'device' : values.place !== 'host' && this.copy.current;
  }

  /** Whether the values that it was last have their memory in its layout where they had it. */
  stays(): boolean {
    const values = this.values!;
    if (values.count !== this.layout.count) return false;
    if (this.copy === undefined) return values.isAllocated && values.readAddress === this.offset;
    return values.device === this.device && this.copy.block === this.block;
  }

  /** What `write` does where they stay. */
  overwrite(): void {
    if (this.copy === undefined) this.values!.markCurrent('host');
    else this.places.overwritten(this.values!, this.copy);
  }

  private put(values: Values, offset: number): void {
    this.call.place(this.index, offset);
    this.recorder.placings++;
    this.values = values;
    this.changes = values.changes;
    this.offset = offset;
    this.device = values.device;
    this.copy = this.layout.plain ? undefined : this.places.copyIn(values, this.layout);
    this.block = this.copy?.block;
  }
}
