import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, deriveAccount } from '@sotto/wire/account';
import { hexToBytes } from '@sotto/wire/bytes';
import { loadVectors } from '@sotto/wire/vectors-loader';
import { afterEach, expect, test } from 'vitest';
import { AccountTable } from '../store/account-table.ts';
import { Database } from '../store/database.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { silentLogger } from '../surroundings.ts';
import { CLIENTS, sealAs } from '../testing/foreign-client.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { ChangeFeed } from './change-feed.ts';
import { Inbox } from './inbox.ts';
import { TypingBoard } from './typing-board.ts';

/** What the samples say of a data message, as far as a line is made of it. */
interface Data {
  readonly body?: string;
  readonly flags?: number;
  readonly syncTarget?: string;
  readonly attachments?: readonly unknown[];
  readonly reaction?: unknown;
  readonly groupUpdateMessage?: unknown;
  readonly communityInvitation?: unknown;
}

type Sample = {
  readonly kind: string;
  readonly name: string;
  readonly hex: string;
  readonly json: { readonly dataMessage?: Data; readonly sigTimestamp?: string };
};

interface Wire {
  readonly kind: string;
  readonly name: string;
  readonly recipient_seed32: string;
  readonly wire: string;
  readonly expected: { readonly error: string } | { readonly content: string; readonly envelope_timestamp_ms: number };
}

interface Accounts {
  readonly accounts: Readonly<Record<'alice' | 'bob', { readonly seed16: string }>>;
}

const { cases: samples } = loadVectors<{ readonly cases: readonly Sample[] }>('messages-proto');
const { cases: wires, accounts } = loadVectors<Accounts & { readonly cases: readonly Wire[] }>('message-crypto');
const [alice, bob] = [accounts.alice, accounts.bob].map(({ seed16 }) => deriveAccount(hexToBytes(seed16))) as [
  Account,
  Account,
];

let end = () => {};
afterEach(() => end());

/** The lines that a message leaves in a fresh profile, by all conversations. */
function shown(account: Account, data: Uint8Array, now: number): { body: string; attachments: number; kind: string }[] {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-interop-'));
  const database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  end = () => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  };
  new AccountTable(database).create({ seed16: account.seed16, name: 'A', nameChangedAt: now, createdAt: now });
  const store = new ProfileStore(database, account.accountId);
  const warnings: unknown[] = [];
  const inbox = new Inbox({
    store,
    account,
    feed: new ChangeFeed(),
    typing: new TypingBoard(new ManualClock(now), () => {}),
    log: { ...silentLogger, warn: (...warning) => void warnings.push(warning) },
    onWork: () => {},
  });
  inbox.take([{ hash: 'hash', data, timestamp: now, expiresAt: now + 1_209_600_000 }], now);
  expect(warnings).toEqual([]);
  return store.conversationView
    .list()
    .flatMap(({ id }) => store.messageView.page(id, undefined, 200).messages)
    .map(({ body, attachments, kind }) => ({ body, attachments: attachments.length, kind }));
}

/** What a stranger's message leaves: only what is to be seen makes a conversation. */
function expectedLines(data: Data | undefined): object[] {
  const { body = '', attachments = [], reaction, groupUpdateMessage, communityInvitation, flags } = data ?? {};
  const isSeen = body.trim() !== '' || attachments.length > 0 || communityInvitation !== undefined;
  if (!isSeen || reaction !== undefined || groupUpdateMessage !== undefined || flags) return [];
  const kind = communityInvitation === undefined ? 'message' : 'community-invitation';
  return [{ body, attachments: attachments.length, kind }];
}

test.each(samples.filter(({ kind }) => kind === 'content'))('$name', ({ hex, json }) => {
  // Copies come from our own other device.
  const recipient = json.dataMessage?.syncTarget === undefined ? bob : alice;
  const timestamp = Number(json.sigTimestamp ?? 1_767_225_600_123);
  const content = hexToBytes(hex);
  const ephemeralSeed = new Uint8Array(32).fill(6);
  const message = { content, timestamp, sender: alice, recipient: recipient.accountId, ephemeralSeed };
  const lines = shown(recipient, sealAs(CLIENTS.desktop, message), timestamp);
  // The image of a preview is a file of ours, but not one of the message.
  expect(lines).toEqual(expectedLines(json.dataMessage));
});

test.each(wires.filter(({ kind }) => kind === 'wire_1o1'))('wrapped: $name', ({ recipient_seed32, wire, expected }) => {
  const recipient = deriveAccount(hexToBytes(recipient_seed32.slice(0, 32)));
  const isBody = 'content' in expected && expected.content.startsWith('0a');
  expect(shown(recipient, hexToBytes(wire), 1_767_225_600_123)).toHaveLength(isBody ? 1 : 0);
});
