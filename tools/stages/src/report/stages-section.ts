import { pagePalette, trainingChart } from '@jacinto/plot';
import type { StageResult } from '../measure.ts';
import { columnsFor, withModel } from '../table.ts';
import { percentText } from '../units.ts';
import { escaped, table } from './html.ts';

/** All stages in a table, a line each. */
export function resultsSection(results: readonly StageResult[]): string {
  const columns = columnsFor(results);
  const rows = withModel(results).map((result) => [
    `<a href="#${result.stage.name}">${escaped(result.stage.title)}</a>`,
    ...columns.map(({ cell }) => escaped(cell(result) ?? '')),
  ]);
  const explained = columns.map(({ title, about }) => `<dt>${escaped(title)}</dt><dd>${escaped(about)}</dd>`);
  return `<h2 id="results">Results</h2>
${table('The net after each stage', ['stage', ...columns.map(({ title }) => title)], rows)}
<details><summary class="soft">What the columns are</summary><dl>${explained.join('')}</dl></details>`;
}

/** What each stage is, the command that made it, and how a training went. */
export function stagesSection(results: readonly StageResult[]): string {
  const articles = results.map(({ stage, command, log, accuracy, checked }, i) => {
    const facts = [
      ...(accuracy === undefined ? [] : [`accuracy ${percentText(accuracy)}`]),
      ...(checked ? [checked] : []),
    ];
    return `<article id="${stage.name}"><h3>${i + 1}. ${escaped(stage.title)}</h3>
<p>${escaped(stage.about)}</p>
<pre>${words(command)}</pre>
${facts.length === 0 ? '' : `<p class="soft">${escaped(facts.join('; '))}</p>`}
${log === undefined ? '' : chart(stage.title, log)}</article>`;
  });
  return `<h2 id="stages">The stages</h2>
<p>Each is a command that you can type yourself, in the folder of this page. Its log is <code>run.log</code> in the folder
that has the stage's name.</p>
<div class="stages">${articles.join('\n')}</div>`;
}

/** Lines break between a command's arguments, not after the hyphens in them. */
const words = (command: string): string =>
  command
    .split(' ')
    .map((word) => `<span>${escaped(word)}</span>`)
    .join(' ');

function chart(title: string, log: NonNullable<StageResult['log']>): string {
  if (!log.train.some(({ loss }) => Number.isFinite(loss))) return '';
  const svg = trainingChart(log, undefined, { width: 460, height: 330, palette: pagePalette });
  const [first, last] = [log.train[0]!, log.train.at(-1)!];
  const words = `Loss of the training ${title}: ${first.loss.toFixed(3)} at iteration ${first.iteration}, ${last.loss.toFixed(3)} at iteration ${last.iteration}`;
  return svg.replace('<svg ', `<svg role="img" aria-label="${escaped(words)}" `);
}
