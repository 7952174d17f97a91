import { box, disc, stroke } from './shapes.mjs';

/** Side of a picture in pixels. */
export const side = 32;
const samples = 2; // a side of the grid of points that each pixel averages

/**
 * Draws one sign as a camera might see it: turned, shifted, larger or smaller, in other light, before clutter and
 * sometimes behind it, out of focus, with noise. RGB, 8 bits, row by row.
 * @param {{paint: [(x: number, y: number) => boolean, number[]][]}} sign
 * @param {ReturnType<import('./random.mjs').randomFrom>} random
 */
export function drawScene(sign, random) {
  const background = makeBackground(random);
  const clutter = Array.from({ length: 2 + random.integer(5) }, () => makeClutter(random, 0.5));
  const foreground = random.chance(0.35) ? [makeClutter(random, 0.22), makeClutter(random, 0.16)] : [];
  const place = makePlace(random);
  const light = { gain: random.between(0.35, 1.15), tint: [0, 1, 2].map(() => random.between(0.85, 1.15)) };
  const wash = random.between(0, 0.5); // fog: how much of the contrast is gone
  const pixels = new Float32Array(side * side * 3);
  for (let i = 0; i < side * side * samples * samples; i++) {
    const column = i % (side * samples);
    const row = Math.floor(i / (side * samples));
    const x = ((column + 0.5) / (side * samples)) * 2 - 1;
    const y = ((row + 0.5) / (side * samples)) * 2 - 1;
    const [u, v] = place(x, y);
    const color = topmost(foreground, x, y) ?? topmost(sign.paint, u, v) ?? topmost(clutter, x, y) ?? background(y);
    const at = (Math.floor(row / samples) * side + Math.floor(column / samples)) * 3;
    for (let c = 0; c < 3; c++) pixels[at + c] += color[c] / (samples * samples);
  }
  const seen = random.chance(0.5) ? blurred(pixels) : pixels;
  const noise = random.between(2, 16);
  const result = new Uint8ClampedArray(pixels.length); // rounds, and clamps to 0 to 255
  for (let i = 0; i < result.length; i++) {
    const lit = (seen[i] * (1 - wash) + 150 * wash) * light.gain * light.tint[i % 3];
    result[i] = lit + noise * random.normal();
  }
  return result;
}

/** Colour of the last painted shape that holds the point; undefined: none does. */
function topmost(paint, x, y) {
  for (let i = paint.length - 1; i >= 0; i--) if (paint[i][0](x, y)) return paint[i][1];
  return undefined;
}

/** Sky over ground, each in its own colour, with a soft change of brightness downwards. */
function makeBackground(random) {
  const sky = [random.between(90, 220), random.between(110, 220), random.between(120, 240)];
  const ground = random.color();
  const horizon = random.between(-0.6, 1.2);
  const slope = random.between(-40, 40);
  return (y) => (y < horizon ? sky : ground).map((value) => value + slope * y);
}

/** A disc, a box or a pole of a random colour; signs have the same colours, so colour alone tells little. */
function makeClutter(random, size) {
  const x = random.between(-1, 1);
  const y = random.between(-1, 1);
  const w = size * random.between(0.3, 1);
  const h = size * random.between(0.3, 1);
  const shapes = [
    () => disc(w, x, y),
    () => box(x - w, y - h, x + w, y + h),
    () => stroke(x, y, random.between(-1, 1), random.between(-1, 1), size * random.between(0.2, 0.5)),
  ];
  return [shapes[random.integer(shapes.length)](), random.color()];
}

/** Picture to sign coordinates: turn, size, shift, and the squeeze of a view from the side. */
function makePlace(random) {
  const angle = random.between(-22, 22) * (Math.PI / 180);
  const size = random.between(0.58, 0.95);
  const squeeze = random.between(0.72, 1);
  const lean = random.between(-0.18, 0.18);
  const free = 1.05 - size;
  const cx = random.between(-free, free);
  const cy = random.between(-free, free);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return (x, y) => {
    const dx = (x - cx) / size;
    const dy = (y - cy) / size;
    const v = -sin * dx + cos * dy;
    return [(cos * dx + sin * dy) / squeeze + lean * v, v];
  };
}

/** Mean of 3×3 pixels, the edge repeated: first along rows, then along columns. */
function blurred(pixels) {
  return blurredAlong(blurredAlong(pixels, 3, side), side * 3, side);
}

/** Mean of each value and its neighbours `step` values before and after, within lines of `length` points. */
function blurredAlong(values, step, length) {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const place = Math.floor(i / step) % length;
    const before = place === 0 ? i : i - step;
    const after = place === length - 1 ? i : i + step;
    result[i] = (values[before] + values[i] + values[after]) / 3;
  }
  return result;
}
