/** The database was damaged, as by a power cut in the middle of a write, and this device put it in order. */
export interface Repair {
  /** When, ms. */
  readonly at: number;
  /**
   * When the copy was made that it was repaired from, ms: what this device did since then may be missing, messages come
   * again from the mailbox as far as it holds them. `null`: everything could be read from the damaged database.
   */
  readonly copyFrom: number | null;
}

/** What was written by an export. */
export interface ExportReport {
  /** Path of the page to open. */
  readonly page: string;
  readonly messages: number;
  readonly files: number;
  /** Files that are not on this device, so that only their names are there. */
  readonly missingFiles: number;
}
