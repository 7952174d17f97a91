import type { Planes } from '../image/resize-planes.ts';

/**
 * Turns the hue of B,G,R planes and multiplies their saturation, in place, by the HSV colour model: value max(B,G,R),
 * saturation (max − min)/max, hue 0 to 360 degrees from red over green and blue.
 */
export function recolor({ height, width, values }: Planes, hueDegrees: number, saturationFactor: number): void {
  const size = height * width;
  for (let p = 0; p < size; p++) {
    const [blue, green, red] = [values[p]!, values[size + p]!, values[2 * size + p]!];
    const value = Math.max(blue, green, red);
    const spread = value - Math.min(blue, green, red);
    if (spread === 0) continue; // grey has no hue
    const sector =
      value === red
        ? (green - blue) / spread
        : value === green
          ? 2 + (blue - red) / spread
          : 4 + (red - green) / spread;
    const hue = sector + hueDegrees / 60;
    const newSpread = spread * saturationFactor;
    values[p] = component(1, hue, value, newSpread);
    values[size + p] = component(3, hue, value, newSpread);
    values[2 * size + p] = component(5, hue, value, newSpread);
  }
}

/** One of B, G, R (shift 1, 3, 5): full for two sectors of hue, nothing for two, and a ramp between. */
function component(shift: number, hue: number, value: number, spread: number): number {
  const k = (((shift + hue) % 6) + 6) % 6;
  return value - spread * Math.max(0, Math.min(k, 4 - k, 1));
}
