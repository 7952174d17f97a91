import type { Run, RunFinder } from './find-runs.ts';

/**
 * Joins the neighbours of a run so that its layers, identities by now, can be taken out. The layer beside the run gets
 * the run's blob name, so that the net's other layers and outputs keep their names. False, and nothing changed, where
 * a name has come to mean another blob in between.
 */
export function removeRun({ layers, graph }: RunFinder, { target, side, members }: Run): boolean {
  const layer = layers[target]!;
  const last = members.at(-1)!;
  if (side === 'after') {
    const name = graph.tops[last]![0]!.name;
    layer.top = [name, ...layer.top.slice(1)];
    graph.tops[target]![0]!.name = name;
    return true;
  }
  const input = graph.bottoms[members[0]!]![0];
  if (input === undefined) return false;
  for (let index = members[0]! + 1; index < target; index++) {
    const remade = !members.includes(index) && layers[index]!.top.includes(input.name);
    if (remade) return false;
  }
  layer.bottom = [input.name];
  return true;
}
