import type { AbsorbReport } from './options.ts';

/** A report in words, one line a fact. */
export function reportText({ merged, kept, leftOut, ignored }: AbsorbReport): string[] {
  const lines = merged.map(({ layer, layerType, absorbed, side, biasAdded, removed }) => {
    const what = absorbed.join(', ');
    const where = side === 'after' ? 'behind' : 'before';
    const extra = `${biasAdded ? ', which gets a bias' : ''}${removed ? '' : '; they stay as identities'}`;
    return `merged ${what} (${where}) into ${layerType} ${layer}${extra}`;
  });
  for (const { layer, reason } of kept) lines.push(`kept ${layer}: ${reason}`);
  if (leftOut.length > 0) lines.push(`left out, not in the TEST phase: ${leftOut.join(', ')}`);
  if (ignored.length > 0) lines.push(`ignored weights of layers that the net lacks: ${ignored.join(', ')}`);
  if (merged.length === 0) lines.push('nothing to merge');
  return lines;
}
