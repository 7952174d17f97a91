import type { HostBlock, Values } from '@jacinto/core-tensor';
import type { Call } from './context.ts';
import type { Layout } from './layouts.ts';
import type { Copy, Places } from './places.ts';

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
    if (this.isKnown(values) && this.copy!.current && values.place !== 'host') return;
    this.put(values, this.places.read(values, this.layout));
  }

  /** Values that the call overwrites entirely; they are then current in this layout only. */
  write(values: Values): void {
    if (!this.isKnown(values)) {
      this.put(values, this.places.write(values, this.layout));
      return;
    }
    for (const copy of this.device as Copy[]) copy.current = false;
    this.copy!.current = true;
    this.copy!.decode = undefined;
    values.markCurrent('device');
  }

  /** Whether it lies where these values have their copy in the layout. */
  private isKnown(values: Values): boolean {
    return (
      values === this.values &&
      values.device === this.device &&
      values.count === this.layout.count &&
      this.copy?.block === this.block
    );
  }

  private put(values: Values, offset: number): void {
    this.call.place(this.index, offset);
    if (this.layout.plain) return; // host memory may be freed and taken anew without a sign
    this.values = values;
    this.device = values.device;
    this.copy = this.places.copyIn(values, this.layout);
    this.block = this.copy?.block;
  }
}
