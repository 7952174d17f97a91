import { instantiateJpeg, type JpegExports } from './jpeg-module.ts';
import type { FloatSettings, PictureLayout, PictureRequest } from './picture-memory.ts';
import { describeFloats, fillPicture, layoutPicture } from './picture-memory.ts';

const pageBytes = 65536;
/** Address space to decode in; what a picture of 2²⁵ pixels needs is less. */
const mostPages = 16384;

/** Decodes one picture after the other in a memory of its own, which grows as they need. */
export class JpegDecoder {
  private readonly memory = new WebAssembly.Memory({ initial: 4, maximum: mostPages, shared: true });
  private readonly module: JpegExports = instantiateJpeg(this.memory);
  private held: PictureRequest | undefined;
  private layout: PictureLayout | undefined;

  /** Reads a picture's samples. @returns false where its data are damaged. */
  read(request: PictureRequest): boolean {
    this.held = undefined;
    const layout = layoutPicture(request, 0);
    const missing = Math.ceil((layout.end - this.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.memory.grow(missing);
    const { buffer } = this.memory;
    if (!fillPicture(buffer, this.module, request, layout) || this.module.readScan(layout.picture) === 0) return false;
    this.held = request;
    this.layout = layout;
    return true;
  }

  /** The window's bytes H,W,C of a picture that was read before. */
  bytes(request: PictureRequest): Uint8Array {
    const { picture, out } = this.layoutOf(request);
    const { height, width } = request.window;
    this.module.writeBytes(picture);
    return new Uint8Array(this.memory.buffer, out, request.channels * height * width).slice();
  }

  /** The window's values C,H,W, (byte − mean)·scale, of a picture that was read before, into `target` from `at` on. */
  floats(request: PictureRequest, settings: FloatSettings, target: Float32Array, at: number): void {
    const { picture, out } = this.layoutOf(request);
    const { height, width } = request.window;
    describeFloats(this.memory.buffer, picture, out, settings);
    this.module.writeFloats(picture);
    target.set(new Float32Array(this.memory.buffer, out, request.channels * height * width), at);
  }

  /** Another picture may have been read since: then this one is read again. */
  private layoutOf(request: PictureRequest): PictureLayout {
    if (this.held !== request) this.read(request);
    return this.layout!;
  }
}

let decoder: JpegDecoder | undefined;

/** This thread's decoder. */
export function jpegDecoder(): JpegDecoder {
  decoder ??= new JpegDecoder();
  return decoder;
}
