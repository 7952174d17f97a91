export { contactSheet, type SheetOptions, type Tile } from './contact-sheet.ts';
export { type ChartOptions, lineChart, type Series } from './line-chart.ts';
export * from './log.ts';
export { type Palette, pagePalette, paperPalette } from './palette.ts';
export { svgToPng } from './png.ts';
export { niceTicks, tickText } from './ticks.ts';
export { trainingChart } from './training-chart.ts';
export { type FiltersOptions, filtersPicture, weightsPicture } from './weights-picture.ts';
