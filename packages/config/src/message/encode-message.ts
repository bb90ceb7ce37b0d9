import { hexToBytes } from '@sotto/wire/bytes';
import { ed25519Sign } from '@sotto/wire/crypto';
import { type Diff, Encoder, writeDiff } from '../values/index.ts';
import { type ConfigMessage, messageHash, type Revision } from './message.ts';

/**
 * Finishes a message: the plaintext, its hash and, with a 64-byte Ed25519 secret, its signature (config §3, §5).
 * `data` must be pruned, and `lags` trimmed to the window.
 */
export function encodeMessage(revision: Revision, diff: Diff, signingKey: Uint8Array | null): ConfigMessage {
  const encoder = new Encoder();
  encoder.openDict();
  for (const [key, write] of entriesOf(revision, diff)) {
    encoder.key(key);
    write(encoder);
  }
  let signature: Uint8Array | null = null;
  if (signingKey) {
    signature = ed25519Sign(encoder.written, signingKey);
    encoder.key('~');
    encoder.scalar(signature);
  }
  encoder.close();
  const bytes = encoder.written;
  return { ...revision, diff, signature, bytes, hash: messageHash(bytes) };
}

function entriesOf(revision: Revision, diff: Diff): [key: string, write: (encoder: Encoder) => void][] {
  const { seqno, data, lags, unknown } = revision;
  const entries: [string, (encoder: Encoder) => void][] = [
    ['#', (encoder) => encoder.scalar(seqno)],
    ['&', (encoder) => encoder.dict(data)],
    [
      '<',
      (encoder) => {
        encoder.openList();
        for (const lag of lags) {
          encoder.openList();
          encoder.scalar(lag.seqno);
          encoder.scalar(hexToBytes(lag.hash));
          writeDiff(encoder, lag.diff);
          encoder.close();
        }
        encoder.close();
      },
    ],
    ['=', (encoder) => writeDiff(encoder, diff)],
    ...unknown.keys.map((key, index): [string, (encoder: Encoder) => void] => [
      key,
      (encoder) => encoder.raw(unknown.values[index]!),
    ]),
  ];
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
