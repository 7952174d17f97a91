/** Colours of a chart; anything that CSS takes, `var(--ink)` too where the chart stands inline in a page. */
export interface Palette {
  background: string;
  ink: string;
  axis: string;
  grid: string;
  /** Lines in turn. */
  lines: readonly string[];
}

/** Dark on white, for files. */
export const paperPalette: Palette = {
  ...{ background: '#fff', ink: '#333', axis: '#888', grid: '#e3e3e3' },
  lines: ['#1f6fb4', '#d95f02', '#2b8a3e', '#7b4ab5', '#c92a2a', '#0b7285'],
};

/**
 * Colours that a page sets: --chart-ink, --chart-axis, --chart-grid and --chart-line-1 to -6, each with its colour on
 * paper where the page sets none. The background is the page's own.
 */
export const pagePalette: Palette = {
  background: 'none',
  ink: `var(--chart-ink, ${paperPalette.ink})`,
  axis: `var(--chart-axis, ${paperPalette.axis})`,
  grid: `var(--chart-grid, ${paperPalette.grid})`,
  lines: paperPalette.lines.map((color, i) => `var(--chart-line-${i + 1}, ${color})`),
};
