import type { HttpProgress } from '../network/transport.ts';

/**
 * How far a transfer is, in bytes of the sealed file. Only what leaves this machine or reaches it can be counted:
 * `confirming` is the time in which relays and server do their part of an upload, `requesting` that of a download.
 */
export interface TransferProgress {
  readonly stage: 'sealing' | 'sending' | 'confirming' | 'requesting' | 'receiving' | 'opening';
  readonly done: number;
  /** Absent while it is not known. */
  readonly total: number | null;
}

/** Receives progress as it happens; must not throw. */
export type ProgressListener = (progress: TransferProgress) => void;

/** Tells the progress of an upload from that of its HTTP request. */
export function uploadProgress(listener: ProgressListener): HttpProgress {
  return (direction, bytes, of) => {
    if (direction !== 'sent') return;
    listener({ stage: bytes === of ? 'confirming' : 'sending', done: bytes, total: of });
  };
}

/** Tells the progress of a download from that of its HTTP request. */
export function downloadProgress(listener: ProgressListener): HttpProgress {
  return (direction, bytes, of) => {
    if (direction === 'received') listener({ stage: 'receiving', done: bytes, total: of });
  };
}
