import type { CodeImages, CodeRange, Int8Operations, Margin } from '@jacinto/core-tensor';
import type { Codes } from './value.ts';

/**
 * Codes of one value of a net, in the backend's memory, in JavaScript's, or both: each is made of the other when asked
 * for.
 */
export class CodeNode {
  /** The codes' meaning; its `codes` array is empty and serves as the node's name. */
  readonly form: Codes;
  readonly range: CodeRange;
  private margin: Margin = { top: 0, left: 0, bottom: 0, right: 0 };
  private memory: CodeImages | undefined;
  private inMemory = false;
  private held: Codes | undefined;
  private source: (() => Codes) | undefined;

  constructor(form: Omit<Codes, 'kind' | 'codes'>, range: CodeRange) {
    this.form = { ...form, kind: 'codes', codes: new Float64Array(0) };
    this.range = range;
  }

  /** N,C,H,W; undefined for values that are no images. */
  get imageShape(): [number, number, number, number] | undefined {
    const [n = 1, c = 1, h = 1, w = 1] = this.form.shape;
    return this.form.shape.length <= 4 ? [n, c, h, w] : undefined;
  }

  /** Makes the margin at least so large; before `allocate`. */
  widen(least: Margin): void {
    const { top, left, bottom, right } = this.margin;
    this.margin = {
      ...{ top: Math.max(top, least.top), left: Math.max(left, least.left) },
      ...{ bottom: Math.max(bottom, least.bottom), right: Math.max(right, least.right) },
    };
  }

  allocate(int8: Int8Operations): CodeImages {
    this.memory ??= int8.images(this.imageShape!, this.margin);
    return this.memory;
  }

  /** Takes the memory of the node that had this place in an earlier plan. */
  adopt(earlier: CodeNode): void {
    this.memory = earlier.memory;
    earlier.memory = undefined;
  }

  /** What `codes` gives when nothing else was set since. */
  setSource(source: () => Codes): void {
    this.source = source;
    this.held = undefined;
    this.inMemory = false;
  }

  /** Puts numbers straight into memory; false where some are no codes of the range. Undefined: there is no memory. */
  take(values: Float32Array): boolean | undefined {
    const fits = this.memory?.writeWhole(values, this.range);
    if (fits === true) this.setInMemory();
    return fits;
  }

  set(codes: Codes): void {
    this.held = codes;
    this.inMemory = false;
  }

  /** An operation has written them into memory. */
  setInMemory(): void {
    this.held = undefined;
    this.inMemory = true;
  }

  get codes(): Codes {
    this.held ??=
      this.inMemory || this.source === undefined
        ? { ...this.form, codes: new Float64Array(this.memory!.read()) }
        : this.source();
    return this.held;
  }

  /** Before an operation reads them from memory. */
  toMemory(): void {
    if (this.inMemory) return;
    this.memory!.write(this.codes.codes);
    this.inMemory = true;
  }

  release(): void {
    this.memory?.release();
    this.memory = undefined;
  }
}
