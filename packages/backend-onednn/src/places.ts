import { type HostBlock, Values } from '@jacinto/core-tensor';
import { usualLayout } from './channel-blocks.ts';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';
import { Recorder } from './recorder.ts';

/** Values in a layout of oneDNN's, beside the plain ones. */
export interface Copy {
  layout: Layout;
  block: HostBlock;
  /** Whether the block is memory that the values share with others. */
  lent: boolean;
  /** Meaningful unless the host's place alone is current; never where the copy is given up. */
  current: boolean;
  /** What the values, in C order as f32, still lack: they are no numbers as they lie there. */
  decode: ((values: Float32Array) => unknown) | undefined;
}

/** The memory of a copy for which nothing was written, for its values are all 0. */
const nowhere: HostBlock = { buffer: new ArrayBuffer(0), byteOffset: 0, byteLength: 0 };
const toZeros = (values: Float32Array): unknown => values.fill(0);

/** Words of memory as an argument for operations of the backend below, whatever their layout. */
export class Alias extends Values {
  private offset = 0;

  override get address(): number {
    return this.offset;
  }

  at(offset: number): this {
    this.offset = offset;
    return this;
  }
}

/**
 * Where values are. Their plain copy is host memory; others lie beside it in the same heap, one a layout that some
 * operation wanted, and serve until the values change. `values.place` says whether the plain copy, the others, or both
 * are current.
 */
export class Places {
  readonly recorder: Recorder;
  private readonly context: Context;
  private readonly wishes = new WeakMap<Values, Layout>();

  constructor(context: Context) {
    this.context = context;
    this.recorder = new Recorder(context);
  }

  /** The copy in that layout, whatever it holds; undefined where there is none. */
  copyIn(values: Values, layout: Layout): Copy | undefined {
    return this.copies(values).find((each) => each.layout === layout);
  }

  /** Offset of the values in that layout, current. */
  read(values: Values, layout: Layout): number {
    if (layout.plain) return this.readPlain(values);
    const copies = this.copies(values);
    const { place } = values;
    if (place === 'host') for (const copy of copies) copy.current = false;
    let copy = copies.find((each) => each.layout === layout);
    if (copy?.current === true) return copy.block.byteOffset;
    const source = place === 'device' ? copies.find((each) => each.current)! : undefined;
    copy ??= this.add(values, copies, layout);
    if (source !== undefined) this.wishes.set(values, layout);
    const from = source?.layout ?? this.context.layouts.plain(layout.shape);
    // A shape of the same count but other axes has the plain order in common only; so have other groups.
    const foreign =
      source !== undefined && !(sameShape(source.layout, layout) && this.context.layouts.pair(from, layout));
    if (foreign || source?.decode !== undefined) {
      this.readPlain(values);
      this.context.reorder(this.context.layouts.plain(layout.shape), values.address, layout, copy.block.byteOffset);
    } else {
      const offset = source?.block.byteOffset ?? values.address;
      this.context.reorder(from, offset, layout, copy.block.byteOffset);
    }
    copy.current = true;
    this.recorder.placings++;
    if (values.place === 'host') values.markCurrent('both');
    return copy.block.byteOffset;
  }

  /** Offset for values to be overwritten entirely in that layout, which is then the only one current. */
  write(values: Values, layout: Layout, decode?: (values: Float32Array) => unknown): number {
    if (layout.plain) {
      values.markCurrent('host');
      return values.address;
    }
    const copies = this.copies(values);
    const copy = copies.find((each) => each.layout === layout) ?? this.add(values, copies, layout);
    this.overwritten(values, copy, decode);
    return copy.block.byteOffset;
  }

  /** Makes all values 0; nothing is written before they are read as they lie. */
  clear(values: Values): void {
    const layout = this.context.layouts.plain([values.count]);
    const copies = this.copies(values);
    let copy = copies.find((each) => each.layout === layout);
    if (copy === undefined) {
      copy = { layout, block: nowhere, lent: true, current: false, decode: undefined };
      copies.push(copy);
    }
    this.overwritten(values, copy, toZeros);
  }

  /** Whether the values are all 0 because `clear` made them so: to add to them is to write them. */
  isClear(values: Values): boolean {
    return values.place === 'device' && this.copies(values).some((each) => each.current && each.decode === toZeros);
  }

  /** This copy of the values is now the only one current. */
  overwritten(values: Values, copy: Copy, decode?: (values: Float32Array) => unknown): void {
    for (const each of values.device as Copy[]) each.current = false;
    copy.current = true;
    copy.decode = decode;
    values.markCurrent('device');
  }

  /** Offset of values that are read and changed in that layout. Those that no memory was taken for need no reading. */
  update(values: Values, layout: Layout): number {
    if (values.isAllocated) this.read(values, layout);
    return this.write(values, layout);
  }

  /** Offset of the plain values, current. */
  readPlain(values: Values): number {
    if (values.place === 'device') {
      this.download(values);
      values.markCurrent('both');
    }
    return values.address;
  }

  /** Offset of plain values that are read and changed. */
  updatePlain(values: Values): number {
    const offset = this.readPlain(values);
    values.markCurrent('host');
    return offset;
  }

  /** As `read` and `write`, for values whose shape is not known: plain where no layout is given. */
  readIn(values: Values, layout: Layout | undefined): number {
    return layout === undefined ? this.readPlain(values) : this.read(values, layout);
  }

  writeIn(values: Values, layout: Layout | undefined): number {
    if (layout !== undefined) return this.write(values, layout);
    values.markCurrent('host');
    return values.address;
  }

  /** An argument for operations of the backend below that lies wherever it is put. */
  alias(): Alias {
    return new Alias(this.context.over);
  }

  /** The layout in which the values of that shape can be had without a reorder; plain where none was made. */
  lastLayoutOf(values: Values, shape: readonly number[]): Layout {
    const plain = this.context.layouts.plain(shape);
    if (values.place === 'host') return plain;
    const copy = this.copies(values).find((each) => each.current && each.decode === undefined);
    return copy !== undefined && sameShape(copy.layout, plain) ? copy.layout : plain;
  }

  /** The same, but the usual layout where channels lie in groups. */
  layoutOf(values: Values, shape: readonly number[]): Layout {
    const layout = this.lastLayoutOf(values, shape);
    return layout.groups === 1 ? layout : usualLayout(this.context, shape);
  }

  /** The layout to which these values had to be reordered when they were last read; better they were written so. */
  wishOf(values: Values, shape: readonly number[]): Layout | undefined {
    const wish = this.wishes.get(values);
    return wish !== undefined && sameShape(wish, { shape }) ? wish : undefined;
  }

  /** The layout of values whose shape is not known: elementwise operations need none. Undefined: plain. */
  anyLayoutOf(values: Values): Layout | undefined {
    if (values.place === 'host') return undefined;
    return this.copies(values).find((each) => each.current && each.decode === undefined)?.layout;
  }

  /** The layout of current values in words: "nChw16c" as oneDNN writes it, "4×nChw16c" by groups; undefined: plain. */
  nameOf(values: Values): string | undefined {
    const layout = this.anyLayoutOf(values);
    return layout === undefined ? undefined : nameOf(layout, this.context.api.blocksOf(layout.desc));
  }

  /** Whether the values are current in that layout. */
  has(values: Values, layout: Layout): boolean {
    if (layout.plain) return values.place !== 'device';
    if (values.place === 'host') return false;
    return this.copies(values).some((each) => each.layout === layout && each.current);
  }

  /** Moves what `from` holds in that layout into `to`, gives `from` other memory, and says where `to` now is. */
  hand(from: Values, to: Values, layout: Layout): number {
    const kept = this.read(from, layout);
    const place = this.write(to, layout);
    if (from.shared !== undefined) {
      // Memory that others use in turn stays where it is.
      this.context.reorder(layout, kept, layout, place);
      this.write(from, layout);
      return place;
    }
    const [mine, theirs] = [from, to].map((values) => this.copies(values).find((each) => each.layout === layout)!);
    [mine!.block, theirs!.block] = [theirs!.block, mine!.block];
    this.write(from, layout);
    return kept;
  }

  download(values: Values): void {
    const copy = this.copies(values).find((each) => each.current);
    if (copy === undefined) return;
    const { layout, block, decode } = copy;
    if (decode !== toZeros) {
      this.context.reorder(layout, block.byteOffset, this.context.layouts.plain(layout.shape), values.address);
    }
    if (decode === undefined) return;
    values.markCurrent('both');
    decode(values.hostRead());
  }

  release(values: Values): void {
    for (const copy of (values.device as Copy[] | undefined) ?? []) {
      copy.current = false;
      if (!copy.lent) this.context.over.host.free(copy.block);
    }
    values.device = undefined;
  }

  private copies(values: Values): Copy[] {
    let copies = values.device as Copy[] | undefined;
    // After a resize to another count nothing is known of the values.
    if (copies !== undefined && copies.length > 0 && copies[0]!.layout.count !== values.count) {
      this.release(values);
      values.markCurrent('host');
      copies = undefined;
    }
    if (copies === undefined) {
      copies = [];
      values.device = copies;
    }
    return copies;
  }

  private add(values: Values, copies: Copy[], layout: Layout): Copy {
    const { shared } = values;
    const lent = shared !== undefined && layout.bytes <= shared.byteLength;
    const block = lent ? shared.block(copies.length + 1) : this.context.over.host.allocate(layout.bytes);
    const copy = { layout, block, lent, current: false, decode: undefined };
    copies.push(copy);
    return copy;
  }
}

/** Groups that lie one behind the other stand first: "4×nChw16c". */
function nameOf({ shape, groups }: Layout, all: readonly (readonly [axis: number, size: number])[]): string {
  const letters = shape.length === 4 ? 'nchw' : 'abcdefgh';
  const blocks = all.map(([axis, size]) => [groups === 1 ? axis : axis - 1, size] as const);
  const axes = shape.map((_, axis) => {
    const letter = letters[axis]!;
    return blocks.some(([blocked]) => blocked === axis) ? letter.toUpperCase() : letter;
  });
  return (
    (groups === 1 ? '' : `${groups}×`) +
    axes.join('') +
    blocks.map(([axis, size]) => `${size}${letters[axis]}`).join('')
  );
}

function sameShape(a: Pick<Layout, 'shape'>, b: Pick<Layout, 'shape'>): boolean {
  return a.shape.length === b.shape.length && a.shape.every((length, axis) => length === b.shape[axis]);
}
