import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  contactSheet,
  lineChart,
  niceTicks,
  pagePalette,
  paperPalette,
  parseTrainingLog,
  svgToPng,
  tickText,
  trainingChart,
} from './index.ts';
import { textPath } from './text.ts';

describe('niceTicks', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0.13, 2.34, [0, 0.5, 1, 1.5, 2, 2.5]],
    [-3, 12, [-5, 0, 5, 10, 15]],
    [0, 64000, [0, 20000, 40000, 60000, 80000]],
  ])('%d to %d', (low, high, ticks) => {
    expect(niceTicks(low, high)).toEqual(ticks);
  });

  it('survives equal and infinite ends', () => {
    expect(niceTicks(2, 2).length).toBeGreaterThan(2);
    expect(niceTicks(0, Number.POSITIVE_INFINITY).every(Number.isFinite)).toBe(true);
  });

  it('labels briefly', () => {
    expect([20000, 2.5e6, 0.1 + 0.2, -5].map(tickText)).toEqual(['20k', '2.5M', '0.3', '-5']);
  });
});

describe('lineChart', () => {
  it('draws pixels of the line in the colour asked for', async () => {
    const svg = lineChart(
      [
        {
          name: 'a',
          color: '#ff0000',
          points: [
            [0, 0],
            [1, 1],
            [2, Number.NaN],
            [3, 1],
          ],
        },
      ],
      { width: 300, height: 200 },
    );
    const { data, info } = await sharp(await svgToPng(svg))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([300, 200]);
    let red = 0;
    for (let i = 0; i < data.length; i += 3) if (data[i]! > 200 && data[i + 1]! < 60 && data[i + 2]! < 60) red++;
    expect(red).toBeGreaterThan(100);
    expect(svg).not.toContain('NaN');
  });

  it('refuses a chart without a point', () => {
    expect(() => lineChart([{ name: 'a', points: [[0, Number.NaN]] }])).toThrow(
      'series hold no finite point; give one',
    );
  });
});

describe('textPath', () => {
  it('has no NaN at any place (the font library rounds some numbers to NaN)', () => {
    for (let x = 0; x < 400; x += 0.37) expect(textPath('priority 30%', { x, y: 600, size: 12 })).not.toContain('NaN');
  });
});

describe('trainingChart', () => {
  it('puts losses on the left and accuracies on the right', () => {
    const train = Array.from({ length: 200 }, (_, iteration) => ({
      iteration,
      loss: 2 / (1 + iteration),
      outputs: [],
    }));
    const test = [{ iteration: 50, net: 0, outputs: [{ index: 0, name: 'top1', value: 0.8 }] }];
    const svg = trainingChart({ train, test, sparsity: [], weights: [], snapshots: [] }, 'A run');
    expect(svg.match(/<circle/g)).toHaveLength(1);
    expect(svg.match(/stroke-opacity="0.35"/g)).toHaveLength(1);
  });
});

describe('contactSheet', () => {
  it('enlarges pictures without smoothing, in rows', async () => {
    const red = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    const png = await contactSheet([{ image: red, caption: 'one' }, { image: red }, { image: red }], {
      columns: 2,
      size: 40,
    });
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([110, 10 + 2 * (62 + 10)]);
    const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
    expect(at(20, 20)).toEqual([255, 0, 0]);
    expect(at(2, 2)).toEqual([255, 255, 255]);
  });

  it('names a picture that does not decode', async () => {
    await expect(contactSheet([{ image: 'no-such-file.png' }])).rejects.toThrow(
      'record "no-such-file.png": the picture does not decode',
    );
  });
});

describe('palettes', () => {
  const points = [
    [0, 0],
    [1, 1],
  ] as const;

  it("draws on paper with its colours, and in a page with the page's", () => {
    const paper = lineChart([{ name: 'a', points }], { title: 't' });
    expect(paper).toContain('fill="#fff"');
    expect(paper).not.toContain('var(');
    const page = lineChart([{ name: 'a', points }], { title: 't', palette: pagePalette });
    expect(page).toContain('stroke="var(--chart-line-1, #1f6fb4)"');
    expect(page).not.toMatch(/(fill|stroke)="#/);
  });

  it('shows zeros in a line of their own, where a log tells them', () => {
    const text = ['Iteration 10, loss = 1', 'Iteration 20, loss = 0.5'].join('\n');
    const zeros = '\nTotal Sparsity (zero_weights/count) =  (8/10) 0.8\n';
    const third = paperPalette.lines[2]!;
    expect(trainingChart(parseTrainingLog(text))).not.toContain(`stroke="${third}"`);
    expect(trainingChart(parseTrainingLog(text + zeros))).toContain(`stroke="${third}"`);
  });
});
