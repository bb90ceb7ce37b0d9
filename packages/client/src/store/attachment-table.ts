import type { Database, Row } from './database.ts';

/** Where the encrypted file of an attachment is on a server, and how to open it (messages §5.16). */
export interface FilePointer {
  readonly url: string;
  readonly key: Uint8Array;
  /** SHA-256 of the encrypted file; absent for the stream format. */
  readonly digest: Uint8Array | null;
}

/** A file of a message. */
export interface AttachmentRecord {
  readonly id: number;
  readonly messageId: number;
  /** The image of a link preview. */
  readonly isPreview: boolean;
  readonly contentType: string;
  readonly fileName: string | null;
  /** Bytes of the plaintext. */
  readonly size: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly isVoice: boolean;
  readonly caption: string | null;
  /** `null` before an own one is uploaded. */
  readonly pointer: FilePointer | null;
  /** Name of its file in the store of this device. */
  readonly blob: string | null;
  /** It is to be loaded. */
  readonly isWanted: boolean;
  /** So often loading it has failed. */
  readonly failures: number;
  /** It cannot be loaded any more. */
  readonly isLost: boolean;
}

/** An attachment before it is stored. */
export type NewAttachment = Omit<AttachmentRecord, 'id' | 'messageId' | 'failures' | 'isLost'>;

/** Attachments of messages; what a removed one had on this device is listed for removal. */
export class AttachmentTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds the attachments of a message in their order. */
  add(messageId: number, attachments: readonly NewAttachment[]): void {
    for (const [position, attachment] of attachments.entries()) {
      const { pointer, isPreview, isVoice, isWanted, ...rest } = attachment;
      this.#database.run(
        `INSERT INTO attachments (message, position, is_preview, content_type, file_name, size, width, height, is_voice,
           caption, url, key, digest, blob, is_wanted)
         VALUES (@messageId, @position, @isPreview, @contentType, @fileName, @size, @width, @height, @isVoice,
           @caption, @url, @key, @digest, @blob, @isWanted)`,
        {
          ...rest,
          messageId,
          position,
          isPreview: isPreview ? 1 : 0,
          isVoice: isVoice ? 1 : 0,
          isWanted: isWanted ? 1 : 0,
          url: pointer?.url ?? null,
          key: pointer?.key ?? null,
          digest: pointer?.digest ?? null,
        },
      );
    }
  }

  get(id: number): AttachmentRecord | null {
    const row = this.#database.get('SELECT * FROM attachments WHERE id = @id', { id });
    return row && attachmentRecord(row);
  }

  of(messageId: number): AttachmentRecord[] {
    return this.#database
      .all('SELECT * FROM attachments WHERE message = @messageId ORDER BY position', { messageId })
      .map(attachmentRecord);
  }

  /** An own one has been uploaded. */
  setPointer(id: number, { url, key, digest }: FilePointer): void {
    this.#database.run('UPDATE attachments SET url = @url, key = @key, digest = @digest WHERE id = @id', {
      id,
      url,
      key,
      digest,
    });
  }

  /** Its file is on this device now. */
  setBlob(id: number, blob: string): void {
    this.#database.run('UPDATE attachments SET blob = @blob, is_wanted = 0, is_lost = 0 WHERE id = @id', { id, blob });
  }

  /** It is to be loaded, from the beginning; or not any more. */
  setWanted(id: number, isWanted: boolean): void {
    this.#database.run('UPDATE attachments SET is_wanted = @isWanted, failures = 0, is_lost = 0 WHERE id = @id', {
      id,
      isWanted: isWanted ? 1 : 0,
    });
  }

  setFailures(id: number, failures: number): void {
    this.#database.run('UPDATE attachments SET failures = @failures WHERE id = @id', { id, failures });
  }

  /** It cannot be loaded any more. */
  setLost(id: number): void {
    this.#database.run('UPDATE attachments SET is_wanted = 0, is_lost = 1 WHERE id = @id', { id });
  }

  /** Those that are to be loaded. */
  wanted(): AttachmentRecord[] {
    return this.#database.all('SELECT * FROM attachments WHERE is_wanted = 1 ORDER BY id DESC').map(attachmentRecord);
  }

  /** Gives a message other attachments. Files that both name stay on this device. */
  replace(messageId: number, attachments: readonly NewAttachment[]): void {
    this.removeOf(messageId);
    this.add(messageId, attachments);
    for (const { blob } of attachments) if (blob !== null) this.forgetUnused(blob);
  }

  removePreview(messageId: number): void {
    this.#database.run('DELETE FROM attachments WHERE message = @messageId AND is_preview = 1', { messageId });
  }

  removeOf(messageId: number): void {
    this.#database.run('DELETE FROM attachments WHERE message = @messageId', { messageId });
  }

  /** Names of all files on this device that something shows: attachments and pictures. */
  usedBlobs(): Set<string> {
    const rows = this.#database.all(
      `SELECT blob FROM attachments WHERE blob IS NOT NULL UNION SELECT picture_blob FROM conversations
       WHERE picture_blob IS NOT NULL UNION SELECT picture_blob FROM account WHERE picture_blob IS NOT NULL`,
    );
    return new Set(rows.map(({ blob }) => blob as string));
  }

  /** Files on this device that nothing shows any more. */
  unused(): string[] {
    return this.#database.all('SELECT blob FROM unused_blobs').map(({ blob }) => blob as string);
  }

  /** Such a file has been removed, or is to be. */
  forgetUnused(blob: string): void {
    this.#database.run('DELETE FROM unused_blobs WHERE blob = @blob', { blob });
  }
}

/** Reads a row of the table. */
export function attachmentRecord(row: Row): AttachmentRecord {
  return {
    id: row.id as number,
    messageId: row.message as number,
    isPreview: row.is_preview === 1,
    contentType: row.content_type as string,
    fileName: row.file_name as string | null,
    size: row.size as number,
    width: row.width as number | null,
    height: row.height as number | null,
    isVoice: row.is_voice === 1,
    caption: row.caption as string | null,
    pointer:
      row.url === null
        ? null
        : { url: row.url as string, key: row.key as Uint8Array, digest: row.digest as Uint8Array | null },
    blob: row.blob as string | null,
    isWanted: row.is_wanted === 1,
    failures: row.failures as number,
    isLost: row.is_lost === 1,
  };
}
