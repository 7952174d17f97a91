import type { NetParameter } from '../generated/messages.ts';
import type { UpgradeOptions, UpgradeResult } from './note.ts';

export function upgradeNet(_net: NetParameter, _options: UpgradeOptions = {}): UpgradeResult {
  return { changed: false, complete: true, notes: [] };
}
