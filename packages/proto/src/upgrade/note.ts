import { CaffeError, type ErrorFacts } from '../errors/index.ts';
import { locationOf } from '../messages/location.ts';

/** What an upgrade did or could not do. */
export interface UpgradeResult {
  /** Whether anything was upgraded. */
  changed: boolean;
  /** False where something of the old form has no place in the new one and was dropped; the notes say what. */
  complete: boolean;
  /** One sentence for each rule that was applied and each thing dropped. */
  notes: string[];
}

export interface UpgradeOptions {
  /** The file the message came from, named in errors. */
  file?: string;
}

/** Collects the result while the rules run. */
export class UpgradeLog implements UpgradeResult {
  changed = false;
  complete = true;
  readonly notes: string[] = [];
  readonly file: string | undefined;

  constructor(file?: string) {
    this.file = file;
  }

  /** A rule was applied. */
  applied(note: string): void {
    this.changed = true;
    this.notes.push(note);
  }

  /** Something was dropped. */
  dropped(note: string): void {
    this.complete = false;
    this.notes.push(note);
  }

  /** An error at a message (or one of its fields), with file and line where known. */
  fail(at: object, facts: ErrorFacts, fieldName?: string): CaffeError {
    const place = locationOf(at, fieldName) ?? locationOf(at);
    return new CaffeError({ ...facts, ...(place ?? {}), file: place?.file ?? this.file });
  }
}
