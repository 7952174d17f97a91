import { join } from 'node:path';
import { decode } from '@jacinto/proto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { LmdbReader } from '../lmdb/reader.ts';
import { goldenNames, unpackCifar } from '../testing/cifar.ts';
import { hasShared, shared, temporaryFolder } from '../testing/shared.ts';
import { decodeImage, readImage } from './decode.ts';
import { planesOf } from './image.ts';
import { resize } from './resize.ts';

const isThere = hasShared('golden/files') && hasShared('data/cifar10-train.zip');
const folder = temporaryFolder();

function datums(name: string): Uint8Array[] {
  const reader = new LmdbReader(shared('golden/files', name));
  const cursor = reader.cursor();
  const values: Uint8Array[] = [];
  for (let node = cursor.next(); node !== undefined; node = cursor.next()) {
    values.push(decode('Datum', reader.value(node)).data!);
  }
  reader.close();
  return values;
}

describe.skipIf(!isThere)('as OpenCV 4.6 decodes', () => {
  it('JPEG in colour: all 256 pictures of cifar256_lmdb, to the bit', async () => {
    const names = goldenNames();
    unpackCifar(folder, names);
    const wanted = datums('cifar256_lmdb');
    for (const [i, name] of names.entries()) {
      const planes = planesOf(await readImage(join(folder, name)));
      expect(Buffer.compare(planes, wanted[i]!), name).toBe(0);
    }
  });

  it('JPEG in grey, then resized: all 64 pictures of cifar64_gray20x24_lmdb, to the bit', async () => {
    const wanted = datums('cifar64_gray20x24_lmdb');
    for (const [i, name] of goldenNames().slice(0, 64).entries()) {
      const image = resize(await readImage(join(folder, name), { mode: 'gray' }), 20, 24);
      expect(Buffer.compare(image.data, wanted[i]!), name).toBe(0);
    }
  });
});

// 2×3 pixels R,G,B
const rgb = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 200, 100, 50, 90, 90, 90);
const raw = { raw: { width: 3, height: 2, channels: 3 as const } };
const bgr = [0, 0, 255, 0, 255, 0, 255, 0, 0, 30, 20, 10, 50, 100, 200, 90, 90, 90];

describe('other files', () => {
  it('PNG in colour, and in grey by libpng’s weights', async () => {
    const png = await sharp(rgb, raw).png().toBuffer();
    expect(await decodeImage(png)).toEqual({ height: 2, width: 3, channels: 3, data: Uint8Array.from(bgr) });
    // cv2.imread(…, IMREAD_GRAYSCALE) of the same file
    expect([...(await decodeImage(png, { mode: 'gray' })).data]).toEqual([76, 149, 29, 18, 124, 90]);
    expect((await decodeImage(png, { mode: 'native' })).channels).toBe(3);
  });

  it('drops alpha without blending, and cuts 16 bits to 8', async () => {
    const rgba = Uint8Array.from({ length: 24 }, (_, i) => (i % 4 === 3 ? 0 : i * 10));
    const png = await sharp(rgba, { raw: { width: 3, height: 2, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await decodeImage(png)).data.subarray(0, 6)]).toEqual([20, 10, 0, 60, 50, 40]);
    const deep = await sharp(Uint16Array.of(0x1234, 0xfedc), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expect(await decodeImage(deep, { mode: 'native' })).toMatchObject({ channels: 1, data: Uint8Array.of(0x12, 0xfe) });
  });

  it('keeps grey files grey in native mode and repeats their values in colour', async () => {
    for (const format of ['png', 'jpeg'] as const) {
      const file = await sharp(Uint8Array.of(7, 7, 7, 7), { raw: { width: 2, height: 2, channels: 1 } })
        .toColourspace('b-w')
        [format]()
        .toBuffer();
      expect(await decodeImage(file, { mode: 'native' })).toMatchObject({
        channels: 1,
        data: Uint8Array.of(7, 7, 7, 7),
      });
      expect((await decodeImage(file)).data).toEqual(new Uint8Array(12).fill(7));
    }
  });

  it('turns by EXIF orientation, and not where it is told not to', async () => {
    const turned = await sharp(rgb, raw).withMetadata({ orientation: 6 }).png().toBuffer();
    const jpeg = await sharp(turned).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    expect(await decodeImage(jpeg)).toMatchObject({ height: 3, width: 2 });
    expect(await decodeImage(jpeg, { orient: false })).toMatchObject({ height: 2, width: 3 });
    expect(await decodeImage(jpeg, { mode: 'gray' })).toMatchObject({ height: 3, width: 2, channels: 1 });
  });

  it('JPEG of four inks, without a profile', async () => {
    const text = [
      '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdo',
      'Zz5NcXlwZHhcZWdj/8AAFAgAAQACBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAYCB//EACEQAAECBAcAAAAAAAAA',
      'AAAAAAABAgMEBbIGMjU2cXN0/9oADgRDAE0AWQBLAAA/AJqepzfc+5Rhh/b1M8kKxASzI3g0A//Z',
    ].join('');
    const file = Buffer.from(text, 'base64'); // 2×1 pixels; the values are cv2.imread's
    expect([...(await decodeImage(file)).data]).toEqual([3, 1, 255, 18, 255, 101]);
    expect([...(await decodeImage(file, { mode: 'gray' })).data]).toEqual([77, 182]);
  });

  it('BMP of 24 bits, bottom row first', async () => {
    const rows = [bgr.slice(9), bgr.slice(0, 9)].map((row) => [...row, 0, 0, 0]);
    const header = Buffer.alloc(54);
    header.write('BM');
    header.writeUInt32LE(54, 10);
    header.writeUInt32LE(40, 14);
    header.writeInt32LE(3, 18);
    header.writeInt32LE(2, 22);
    header.writeUInt16LE(24, 28);
    const file = Buffer.concat([header, Buffer.from(rows.flat())]);
    expect(await decodeImage(file)).toEqual({ height: 2, width: 3, channels: 3, data: Uint8Array.from(bgr) });
    await expect(decodeImage(file.subarray(0, 60))).rejects.toThrow('the BMP file is cut short');
  });

  it('says what cannot be decoded', async () => {
    const fix = 'replace it by a whole JPEG, PNG, WebP, TIFF or BMP file, or leave it out';
    await expect(decodeImage(Buffer.from('no picture'))).rejects.toThrow(
      `cannot be decoded as a picture (Input buffer contains unsupported image format); ${fix}`,
    );
    await expect(decodeImage(new Uint8Array(0))).rejects.toThrow('the picture has no bytes');
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    await expect(decodeImage(whole.subarray(0, whole.length / 2))).rejects.toThrow(
      /cannot be decoded as a picture \(.*\)/,
    );
    await expect(readImage(join(folder, 'none.jpg'))).rejects.toThrow(`${folder}/none.jpg: does not exist`);
  });
});
