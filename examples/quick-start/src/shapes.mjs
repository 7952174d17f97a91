/** Shapes are functions of a point that say whether it lies inside. Signs span −1 to 1; y points down. */

export const disc =
  (radius, cx = 0, cy = 0) =>
  (x, y) =>
    (x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2;

export const box = (left, top, right, bottom) => (x, y) => x >= left && x <= right && y >= top && y <= bottom;

/** Regular polygon whose sides lie `inner` from the centre; `turn` in degrees. */
export function polygon(sides, inner, turn = 0, cy = 0) {
  const normals = Array.from({ length: sides }, (_, i) => {
    const angle = ((i * 360) / sides + turn) * (Math.PI / 180);
    return [Math.cos(angle), Math.sin(angle)];
  });
  return (x, y) => {
    for (const [nx, ny] of normals) if (nx * x + ny * (y - cy) > inner) return false;
    return true;
  };
}

/** A line of some thickness between two points. */
export function stroke(x1, y1, x2, y2, thickness) {
  const dx = x2 - x1;
  const dy = y2 - y1;
  const length2 = dx * dx + dy * dy || 1;
  return (x, y) => {
    const t = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length2));
    return (x - x1 - t * dx) ** 2 + (y - y1 - t * dy) ** 2 <= (thickness / 2) ** 2;
  };
}

/** The union of shapes. */
export function either(...shapes) {
  return (x, y) => {
    for (const shape of shapes) if (shape(x, y)) return true;
    return false;
  };
}

/** A digit of seven segments in the box left ≤ x ≤ left + 0.5, −0.42 ≤ y ≤ 0.42. */
export function digit(symbol, left) {
  const right = left + 0.38;
  const segments = {
    top: stroke(left, -0.4, right, -0.4, 0.16),
    middle: stroke(left, 0, right, 0, 0.16),
    bottom: stroke(left, 0.4, right, 0.4, 0.16),
    upperLeft: stroke(left, -0.4, left, 0, 0.16),
    upperRight: stroke(right, -0.4, right, 0, 0.16),
    lowerLeft: stroke(left, 0, left, 0.4, 0.16),
    lowerRight: stroke(right, 0, right, 0.4, 0.16),
  };
  const lit = {
    0: ['top', 'bottom', 'upperLeft', 'upperRight', 'lowerLeft', 'lowerRight'],
    3: ['top', 'middle', 'bottom', 'upperRight', 'lowerRight'],
    5: ['top', 'middle', 'bottom', 'upperLeft', 'lowerRight'],
  };
  return either(...lit[symbol].map((name) => segments[name]));
}
