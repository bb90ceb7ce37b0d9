import { mkdirSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { DirectoryError, inviteBytes, type NetworkFile, replaceFile } from '@sotto/directory';
import { findOwnAddress } from '@sotto/node';
import { z } from 'zod';
import { CommandFailure, USAGE_EXIT_CODE } from '../failure.ts';
import { say } from '../output.ts';

const ADDRESS_LIMIT = 8000;

const placeSchema = z.object({ address: z.string(), invite: z.string().optional() });

/** Where a node that joins by itself is, and what lets it in. */
export type JoinPlace = z.output<typeof placeSchema>;

/** What was kept in a node's folder when it joined; `null` if it never did. */
export function loadJoinPlace(folder: string): JoinPlace | null {
  try {
    return placeSchema.parse(JSON.parse(readFileSync(join(folder, 'join.json'), 'utf8')));
  } catch {
    return null;
  }
}

/** Settles address and invite, and keeps them in the folder for the next start. @throws CommandFailure */
export async function settleJoinPlace(
  folder: string,
  network: NetworkFile,
  given: { readonly address?: string | undefined; readonly invite?: string | undefined },
): Promise<JoinPlace> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const before = loadJoinPlace(folder);
  const invite = given.invite ?? before?.invite;
  if (invite === undefined && network.parameters.join === 'invite') {
    say('This network lets nodes in by invite. If this node is new, ask an authority for a code: --invite CODE');
  }
  if (invite !== undefined) requireInvite(invite);
  if (given.address !== undefined && !isIPv4(given.address)) {
    throw new CommandFailure('--address takes an IPv4 address, such as 203.0.113.7.', USAGE_EXIT_CODE);
  }
  const address = given.address ?? (await findOwnAddress(network, ADDRESS_LIMIT)) ?? before?.address;
  if (address === undefined) {
    throw new CommandFailure(
      'No authority answers to say which address this machine has. Give it: --address 203.0.113.7',
    );
  }
  const saved: JoinPlace = { address, ...(invite !== undefined && { invite }) };
  await replaceFile(join(folder, 'join.json'), JSON.stringify(saved));
  return saved;
}

function requireInvite(text: string): void {
  try {
    inviteBytes(text);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    throw new CommandFailure(
      'That is not an invite code; it has 122 letters, digits, dashes and underscores.',
      USAGE_EXIT_CODE,
    );
  }
}
