import { isDamaged, last, readBlock, resetDamage } from './block';
import { inverseTransform, inverseTransformOfMean } from './idct';
import {
  AC_TABLE, ACROSS, address, BLOCK, COLUMN_END, COLUMN_FIRST, COMPONENT_SIZE, COMPONENTS, DC_TABLE, DOWN,
  FIRST_COMPONENT, INPUT, INPUT_END, MCUS_ACROSS, MCUS_DOWN, PLANE, PREDICTED, QUANTIZATION, RESTART_INTERVAL,
  ROW_END, ROW_FIRST, SEGMENT_TOP, STRIDE, word,
} from './picture';
import { isUsedUp, openSegment } from './segment';

/** Reads all blocks of a component in one MCU. */
function readBlocks(picture: usize, component: usize, column: i32, line: i32): void {
  const block = address(picture + BLOCK);
  const dc = address(component + DC_TABLE);
  const ac = address(component + AC_TABLE);
  const quantization = address(component + QUANTIZATION);
  const across = word(component + ACROSS);
  const down = word(component + DOWN);
  const stride = address(component + STRIDE);
  let predicted = word(component + PREDICTED);
  for (let v = 0; v < down; v++) {
    const y = line * down + v;
    const isRow = y >= word(component + ROW_FIRST) && y < word(component + ROW_END);
    for (let h = 0; h < across; h++) {
      const x = column * across + h;
      predicted = readBlock(block, dc, ac, quantization, predicted);
      if (isDamaged) return;
      if (isRow && x >= word(component + COLUMN_FIRST) && x < word(component + COLUMN_END)) {
        const out = address(component + PLANE) + (<usize>y * stride + <usize>x) * 8;
        if (last == 0) inverseTransformOfMean(block, out, stride);
        else inverseTransform(block, out, stride);
      } else {
        memory.fill(block, 0, 128);
      }
    }
  }
  store<i32>(component + PREDICTED, predicted);
}

/** Reads a picture's only scan into the planes of its components. Returns false where the data are damaged. */
export function readScan(picture: usize): bool {
  const components = <usize>word(picture + COMPONENTS);
  const across = word(picture + MCUS_ACROSS);
  const down = word(picture + MCUS_DOWN);
  const interval = word(picture + RESTART_INTERVAL);
  const end = address(picture + INPUT_END);
  const segmentTop = address(picture + SEGMENT_TOP);
  const first = picture + FIRST_COMPONENT;
  const behind = first + components * COMPONENT_SIZE;
  resetDamage();
  memory.fill(address(picture + BLOCK), 0, 128);
  let marker = openSegment(address(picture + INPUT), end, segmentTop);
  let left = interval;
  let restart = 0;
  for (let line = 0; line < down; line++) {
    for (let column = 0; column < across; column++) {
      if (interval > 0 && left-- == 0) {
        if (!isUsedUp() || marker + 2 > end || load<u8>(marker + 1) != <u8>(0xd0 + restart)) return false;
        marker = openSegment(marker + 2, end, segmentTop);
        for (let component = first; component < behind; component += COMPONENT_SIZE) {
          store<i32>(component + PREDICTED, 0);
        }
        restart = (restart + 1) & 7;
        left = interval - 1;
      }
      for (let component = first; component < behind; component += COMPONENT_SIZE) {
        readBlocks(picture, component, column, line);
        if (isDamaged) return false;
      }
    }
  }
  return true;
}
