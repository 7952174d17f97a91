import type { Values } from '../values.ts';

/** The reference computes f32 and f64 alike; f64 serves gradient checks. */
export type Floats = Float32Array | Float64Array;

export const read = (values: Values): Floats => values.hostRead<Floats>();
/** For outputs that are overwritten entirely. */
export const write = (values: Values): Floats => values.hostWrite<Floats>();
/** For outputs that are added to or written in part. */
export const update = (values: Values): Floats => values.hostUpdate<Floats>();

/** max(x,0) + slope·min(x,0); NaN stays NaN. */
export const relu = (x: number, slope: number): number => Math.max(x, 0) + slope * Math.min(x, 0);
