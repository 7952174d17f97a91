import { convertRow } from './colour';
import {
  address, CHANNELS, CHROMA_ACROSS, CHROMA_DOWN, CHROMA_SMOOTH, COMPONENT_SIZE, COMPONENTS, FIRST_COMPONENT, LEFT,
  PLANE, PLANE_HEIGHT, PLANE_WIDTH, ROW_SIZE, ROWS, STRIDE, TOP, WIDTH, word,
} from './picture';
import { doubleBoth, doubleWidth, repeatWidth } from './upsample';

/** The three rows of bytes that `makeRow` has made, from the window's left on; one and the same where all are grey. */
export let blue: usize = 0;
export let green: usize = 0;
export let red: usize = 0;

/** A row of a chroma plane in the picture's own width. `row`: where it may be made. */
function chromaRow(picture: usize, component: usize, y: i32, row: usize, sums: usize): usize {
  const plane = address(component + PLANE);
  const stride = address(component + STRIDE);
  const width = word(component + PLANE_WIDTH);
  const isHalf = word(picture + CHROMA_DOWN) == 2;
  const near = isHalf ? y >> 1 : y;
  const nearRow = plane + <usize>near * stride;
  if (word(picture + CHROMA_ACROSS) == 1) return nearRow;
  const left = word(picture + LEFT);
  const first = (left >> 1) & ~7;
  const end = min(<i32>stride, (((left + word(picture + WIDTH) + 1) >> 1) + 7) & ~7);
  if (word(picture + CHROMA_SMOOTH) == 0) {
    repeatWidth(nearRow, row, first, end);
  } else if (isHalf) {
    const far = max(0, min(word(component + PLANE_HEIGHT) - 1, (y & 1) == 0 ? near - 1 : near + 1));
    doubleBoth(nearRow, plane + <usize>far * stride, sums, row, first, end, width);
  } else {
    doubleWidth(nearRow, sums, row, first, end, width);
  }
  return row;
}

/** Makes row `y` of the window. */
export function makeRow(picture: usize, y: i32): void {
  const row = word(picture + TOP) + y;
  const left = <usize>word(picture + LEFT);
  const component = picture + FIRST_COMPONENT;
  const luma = address(component + PLANE) + <usize>row * address(component + STRIDE) + left;
  if (word(picture + COMPONENTS) == 1 || word(picture + CHANNELS) == 1) {
    blue = luma;
    green = luma;
    red = luma;
    return;
  }
  const rows = address(picture + ROWS);
  const size = address(picture + ROW_SIZE);
  const sums = rows + 5 * size;
  const cb = chromaRow(picture, component + COMPONENT_SIZE, row, rows + 3 * size, sums);
  const cr = chromaRow(picture, component + 2 * COMPONENT_SIZE, row, rows + 4 * size, sums);
  blue = rows;
  green = rows + size;
  red = rows + 2 * size;
  convertRow(luma, cb + left, cr + left, blue, green, red, word(picture + WIDTH));
}
