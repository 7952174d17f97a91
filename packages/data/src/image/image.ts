/** A decoded picture: 8-bit values, rows of pixels, channels interleaved: H,W,C with C = 3 in the order B,G,R, or 1. */
export interface Image {
  height: number;
  width: number;
  channels: number;
  data: Uint8Array;
}

/** Bytes H,W,C → C,H,W, as Datum and blobs have them. */
export function planesOf({ height, width, channels, data }: Image): Uint8Array {
  if (channels === 1) return data;
  const size = height * width;
  const planes = new Uint8Array(channels * size);
  for (let c = 0; c < channels; c++) {
    const base = c * size;
    for (let p = 0, at = c; p < size; p++, at += channels) planes[base + p] = data[at]!;
  }
  return planes;
}

/** Bytes C,H,W → H,W,C. */
export function imageOfPlanes(planes: Uint8Array, channels: number, height: number, width: number): Image {
  if (channels === 1) return { height, width, channels, data: planes };
  const size = height * width;
  const data = new Uint8Array(channels * size);
  for (let c = 0; c < channels; c++) {
    const base = c * size;
    for (let p = 0, at = c; p < size; p++, at += channels) data[at] = planes[base + p]!;
  }
  return { height, width, channels, data };
}
