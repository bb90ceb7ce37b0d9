import { read } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';

const PIECE_BYTES = 1_048_576;
const readPiece = promisify(read);

/**
 * Copies a file that is open into a new one for the owner only, in pieces between which others work. It is not synced.
 * Throws the system's error, and what `goOn` throws before a piece.
 */
export async function copyOpenFile(descriptor: number, to: string, goOn: () => void): Promise<void> {
  const copy = await open(to, 'wx', 0o600);
  try {
    const piece = new Uint8Array(PIECE_BYTES);
    for (let position = 0; ; ) {
      goOn();
      const { bytesRead } = await readPiece(descriptor, piece, 0, piece.length, position);
      if (bytesRead === 0) return;
      await copy.appendFile(piece.subarray(0, bytesRead));
      position += bytesRead;
    }
  } finally {
    await copy.close();
  }
}
