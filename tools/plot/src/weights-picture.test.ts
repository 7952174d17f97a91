import sharp from 'sharp';
import { expect, it } from 'vitest';
import { filtersPicture, weightsPicture } from './index.ts';

async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)];
  return { width: info.width, height: info.height, at };
}

it('draws filters side by side: blue first, grey where a weight is 0, nothing in between', async () => {
  const values = new Float32Array(3 * 3 * 4); // three filters of 2×2
  values[0] = 2; // filter 0, blue, top left
  values[12 + 2 * 4 + 3] = -1; // filter 1, red, bottom right
  const { width, height, at } = await pixelsOf(await filtersPicture([3, 3, 2, 2], values, { columns: 2, scale: 1 }));
  expect([width, height]).toEqual([5, 5]);
  expect(at(0, 0)).toEqual([128, 128, 255, 255]);
  expect(at(1, 0)).toEqual([128, 128, 128, 255]);
  expect(at(2, 0)[3]).toBe(0);
  expect(at(4, 1)).toEqual([64, 128, 128, 255]); // half of the largest: 64.5 rounds to even
  expect(at(0, 3)).toEqual([128, 128, 128, 255]);
  expect(at(3, 3)[3]).toBe(0); // no fourth filter
});

it('takes one channel, a scale and a limit', async () => {
  const png = await filtersPicture([1, 1, 1, 2], Float32Array.of(1, -1), { scale: 4, limit: 2 });
  const { width, height, at } = await pixelsOf(png);
  expect([width, height]).toEqual([8, 4]);
  expect(at(3, 3)[0]).toBe(192); // 191.5 rounds to even
  expect(at(4, 0)[0]).toBe(64);
});

it('shows each weight, and leaves a 0 transparent', async () => {
  const { width, height, at } = await pixelsOf(await weightsPicture([2, 3, 1, 1], Float32Array.of(0, 1, -4, 0, 0, 4)));
  expect([width, height]).toEqual([3, 2]);
  expect([0, 1, 2].map((x) => at(x, 0)[3])).toEqual([0, 148, 255]); // 40 + 215 · √¼
  expect([0, 1, 2].map((x) => at(x, 1)[3])).toEqual([0, 0, 255]);
});

it('draws nothing but zeros too', async () => {
  const { at } = await pixelsOf(await filtersPicture([1, 3, 1, 1], new Float32Array(3), { scale: 1 }));
  expect(at(0, 0)).toEqual([128, 128, 128, 255]);
});

it('says which weights it cannot draw', async () => {
  await expect(filtersPicture([2, 5, 3, 3], new Float32Array(90))).rejects.toThrow(
    'weights of 2 × 5 × 3 × 3 are no filters that can be drawn; give those of a layer that looks at pictures of 3 or 1 channels',
  );
  await expect(weightsPicture([2, 2], new Float32Array(3))).rejects.toThrow('3 weights are not 2 × 2');
});
