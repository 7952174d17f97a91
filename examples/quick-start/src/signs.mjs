import { box, digit, disc, either, polygon, stroke } from './shapes.mjs';

const red = [196, 24, 36];
const white = [240, 240, 236];
const blue = [20, 78, 170];
const black = [22, 22, 24];
const yellow = [240, 184, 16];

const arrow = (side) =>
  either(
    stroke(-0.38 * side, -0.38, 0.36 * side, 0.36, 0.24),
    stroke(0.42 * side, 0.42, 0.42 * side, -0.2, 0.22),
    stroke(0.42 * side, 0.42, -0.2 * side, 0.42, 0.22),
  );

const speedLimit = (tens) => [
  [disc(0.98), red],
  [disc(0.74), white],
  [either(digit(tens, -0.56), digit(0, 0.16)), black],
];

/** Ten classes: what is painted, from the back to the front. The order gives the labels 0 to 9. */
export const signs = [
  {
    name: 'stop',
    paint: [
      [polygon(8, 0.94, 22.5), white],
      [polygon(8, 0.86, 22.5), red],
      [box(-0.62, -0.2, 0.62, 0.2), white],
      [either(box(-0.36, -0.2, -0.28, 0.2), box(-0.04, -0.2, 0.04, 0.2), box(0.28, -0.2, 0.36, 0.2)), red],
    ],
  },
  {
    name: 'no-entry',
    paint: [
      [disc(0.98), white],
      [disc(0.92), red],
      [box(-0.66, -0.17, 0.66, 0.17), white],
    ],
  },
  {
    name: 'yield',
    paint: [
      [polygon(3, 0.6, 30, -0.2), red],
      [polygon(3, 0.36, 30, -0.2), white],
    ],
  },
  {
    name: 'warning',
    paint: [
      [polygon(3, 0.6, 90, 0.2), red],
      [polygon(3, 0.4, 90, 0.2), white],
      [either(box(-0.09, -0.3, 0.09, 0.22), disc(0.11, 0, 0.42)), black],
    ],
  },
  {
    name: 'priority',
    paint: [
      [polygon(4, 0.7, 45), white],
      [polygon(4, 0.52, 45), yellow],
    ],
  },
  {
    name: 'keep-left',
    paint: [
      [disc(0.98), white],
      [disc(0.9), blue],
      [arrow(-1), white],
    ],
  },
  {
    name: 'keep-right',
    paint: [
      [disc(0.98), white],
      [disc(0.9), blue],
      [arrow(1), white],
    ],
  },
  { name: 'speed-30', paint: speedLimit(3) },
  { name: 'speed-50', paint: speedLimit(5) },
  {
    name: 'parking',
    paint: [
      [box(-0.88, -0.88, 0.88, 0.88), white],
      [box(-0.8, -0.8, 0.8, 0.8), blue],
      [either(stroke(-0.28, -0.5, -0.28, 0.55, 0.22), disc(0.36, 0.06, -0.24)), white],
      [disc(0.15, 0.06, -0.24), blue],
    ],
  },
];
