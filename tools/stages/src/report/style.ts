/** The page's looks: light and dark as the system says, one column where it is narrow, no font or file from elsewhere. */
export const style = `
:root { color-scheme: light dark;
  --page: #ffffff; --card: #f5f7f9; --ink: #1d2733; --soft: #566373; --edge: #d8dee5; --blue: #1f6fb4; --track: #e2e7ed;
  --good: #1f7a34; --bad: #c02626;
  --chart-ink: #3a4653; --chart-axis: #8a95a1; --chart-grid: #dfe4ea;
  --chart-line-1: #1f6fb4; --chart-line-2: #c75400; --chart-line-3: #1f7a34; --chart-line-4: #7b4ab5; }
@media (prefers-color-scheme: dark) { :root {
  --page: #12171d; --card: #1b222a; --ink: #e4e9ee; --soft: #a0acb8; --edge: #333e49; --blue: #6bb0ee; --track: #2d3742;
  --good: #6fce85; --bad: #ff8a80;
  --chart-ink: #c2cbd4; --chart-axis: #7d8995; --chart-grid: #2c3640;
  --chart-line-1: #6bb0ee; --chart-line-2: #ffa25c; --chart-line-3: #6fce85; --chart-line-4: #c29bf2; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--blue); }
h1 { font-size: 1.8rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 0 0 .25rem; }
p { margin: .5rem 0; max-width: 46rem; }
.soft, figcaption, caption, dd { color: var(--soft); font-size: .9rem; }
ul.findings { padding-left: 1.2rem; max-width: 50rem; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--edge); text-align: right; white-space: nowrap; }
thead th { font-weight: 600; color: var(--soft); font-size: .85rem; }
th:first-child { text-align: left; white-space: normal; }
th .soft { font-weight: 400; }
.none { color: var(--soft); }
.bar { display: inline-block; width: 5rem; height: .7rem; background: var(--track); border-radius: .2rem;
  overflow: hidden; vertical-align: middle; }
.bar span { display: block; height: 100%; background: var(--blue); }
.value { display: inline-block; min-width: 4rem; text-align: right; }
dl { margin: .5rem 0; } dt { font-weight: 600; float: left; clear: left; margin-right: .5rem; font-size: .9rem; }
dd { margin: 0; }
.stages { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); align-items: start; }
article, figure.card { background: var(--card); border: 1px solid var(--edge); border-radius: .5rem; padding: .9rem 1rem;
  margin: 0; min-width: 0; }
article p { font-size: .95rem; }
pre { margin: .5rem 0; padding: .5rem .6rem; background: var(--page); border: 1px solid var(--edge);
  border-radius: .3rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .8rem/1.4 ui-monospace, monospace; }
pre span { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; margin-top: .5rem; }
figure.card figcaption { margin-top: .4rem; }
.row { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); }
.pixels { image-rendering: pixelated; width: 100%; height: auto; display: block; }
.weights { border: 1px solid var(--edge); background: var(--page); min-height: 2rem; }
.pictures { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); }
.pictures figure { margin: 0; } .pictures img { border-radius: .3rem; border: 3px solid transparent; }
.pictures .wrong img { border-color: var(--bad); }
.pictures figcaption { line-height: 1.3; margin-top: .25rem; overflow-wrap: anywhere; }
.wrong strong { color: var(--bad); } .right strong { color: var(--good); }
@media (max-width: 46rem) {
  table, tbody, tr, th, td { display: block; } caption { display: block; } thead { display: none; }
  tbody tr { border: 1px solid var(--edge); border-radius: .5rem; margin: .6rem 0; padding: .4rem .7rem;
    background: var(--card); }
  tbody th { border: 0; padding: .1rem 0; }
  td { border: 0; padding: .1rem 0; display: flex; justify-content: space-between; gap: .5rem; align-items: center; }
  td::before { content: attr(data-title); color: var(--soft); margin-right: auto; }
}
`;
