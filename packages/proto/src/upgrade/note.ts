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
