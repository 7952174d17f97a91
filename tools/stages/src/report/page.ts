import { readFileSync } from 'node:fs';
import { findings } from '../findings.ts';
import type { StageResult } from '../measure.ts';
import { percentText, secondsText } from '../units.ts';
import { escaped, image } from './html.ts';
import { resultsSection, stagesSection } from './stages-section.ts';
import { style } from './style.ts';
import { layersSection, weightsSection } from './weights-section.ts';

/** A test picture and what the net says it is. */
export interface ShownPicture {
  /** Path of a PNG or JPEG. */
  file: string;
  /** What it is. */
  label: string;
  answer: string;
  /** The net's own, 0 to 1. */
  probability: number;
}

export interface ReportOptions {
  title: string;
  /** What was trained, on what: a paragraph. */
  about: string;
  results: readonly StageResult[];
  pictures?: readonly ShownPicture[];
}

/**
 * The run as one HTML page: table, stages with their commands and curves, zeros, weights, pictures. It holds all it
 * shows, needs no network, follows the system's light or dark, and becomes one column on a narrow screen.
 */
export async function reportPage({ title, about, results, pictures = [] }: ReportOptions): Promise<string> {
  const seconds = results.reduce((sum, one) => sum + one.seconds, 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${escaped(about)}</p>
<ul class="findings">${findings(results)
    .map((line) => `<li>${escaped(line)}</li>`)
    .join('\n')}</ul>
<p class="soft">The commands ran for ${escaped(secondsText(seconds))} altogether.</p>
${resultsSection(results)}
${stagesSection(results)}
${layersSection(results)}
${await weightsSection(results)}
${picturesSection(pictures)}
</body>
</html>
`;
}

function picturesSection(pictures: readonly ShownPicture[]): string {
  if (pictures.length === 0) return '';
  const right = pictures.filter(({ label, answer }) => label === answer).length;
  const figures = pictures.map(({ file, label, answer, probability }) => {
    const isRight = label === answer;
    const words = isRight ? 'right' : `wrong: it is ${label}`;
    return `<figure class="${isRight ? 'right' : 'wrong'}">${image(readFileSync(file), label, ' class="pixels"')}
<figcaption><strong>${escaped(answer)}</strong> ${percentText(probability, 0).replace(' ', '&nbsp;')}<br>${escaped(words)}</figcaption></figure>`;
  });
  return `<h2 id="pictures">Test pictures</h2>
<p>What the net of the last stage says to pictures it has never seen: ${right} of these ${pictures.length} are right.</p>
<div class="pictures">${figures.join('\n')}</div>`;
}
