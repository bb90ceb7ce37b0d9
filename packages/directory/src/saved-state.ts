import { base64ToBytes, bytesToBase64, bytesToHex, equalBytes, hexToBytes } from '@sotto/wire/bytes';
import { z } from 'zod';
import { type DirectoryState, initialState } from './acceptance.ts';
import { DirectoryError } from './errors.ts';
import type { NetworkFile } from './network-file.ts';
import { decodeSignedDirectory } from './signed-directory.ts';
import { decidingAfter, firstDeciding } from './succession.ts';

const key = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.int().min(0);

const savedSchema = z.object({
  networkId: key,
  accepted: z.object({ directory: z.base64(), signers: z.array(key) }).nullable(),
  dropped: z.array(z.object({ key, lastListed: time })),
  history: z
    .array(
      z.object({
        epoch: time,
        validFrom: time,
        digest: key,
        signers: z.array(key),
        nodes: time,
        successions: time,
        conflict: z.boolean(),
      }),
    )
    .default([]),
});

/** The bytes from which {@link parseState} makes an equal state. */
export function serializeState(state: DirectoryState): Uint8Array {
  const saved: z.input<typeof savedSchema> = {
    networkId: bytesToHex(state.networkId),
    accepted: state.accepted && {
      directory: bytesToBase64(state.accepted.bytes),
      signers: state.accepted.signers.map(bytesToHex),
    },
    dropped: [...state.dropped],
    history: state.history.map((entry) => ({ ...entry, signers: [...entry.signers] })),
  };
  return Buffer.from(JSON.stringify(saved));
}

/**
 * Reads a saved state. It is believed as it is: whoever can change it can change the network file beside it too.
 * @throws DirectoryError `storage` if it is damaged, `wrong-network` if it was saved for another network.
 */
export function parseState(bytes: Uint8Array, file: NetworkFile): DirectoryState {
  const { networkId } = initialState(file);
  let saved: z.output<typeof savedSchema>;
  try {
    saved = savedSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw damaged(cause);
  }
  if (!equalBytes(hexToBytes(saved.networkId), networkId)) {
    throw new DirectoryError('wrong-network', 'the saved directory belongs to another network');
  }
  const { accepted, successions } = readAccepted(saved.accepted);
  return {
    networkId,
    deciding: decidingAfter(networkId, firstDeciding(file), successions),
    accepted,
    rival: null,
    dropped: saved.dropped,
    successions,
    history: saved.history,
  };
}

function readAccepted(
  saved: z.output<typeof savedSchema>['accepted'],
): Pick<DirectoryState, 'accepted' | 'successions'> {
  if (!saved) return { accepted: null, successions: [] };
  try {
    const bytes = new Uint8Array(base64ToBytes(saved.directory));
    const { directory, digest, successions } = decodeSignedDirectory(bytes);
    const signers = saved.signers.map((signer) => new Uint8Array(hexToBytes(signer)));
    return { accepted: { ...directory, bytes, digest, signers }, successions };
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause: unknown): DirectoryError {
  return new DirectoryError('storage', 'the saved directory is damaged; delete it to fetch a new one', { cause });
}
