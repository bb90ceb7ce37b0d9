import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveAccount } from '@sotto/wire/account';
import { expect, test } from 'vitest';
import { BlobTable } from '../files/blob-table.ts';
import { LocalFiles } from '../files/local-files.ts';
import { Database } from '../store/database.ts';
import { PLAIN_MESSAGE } from '../store/message-table.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { silentLogger } from '../surroundings.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { readEntries } from './entries.ts';
import { openStream } from './sealed-stream.ts';
import { writeBackup } from './write-backup.ts';

const NOW = 1_790_000_000_000;
const account = deriveAccount(new Uint8Array(16).fill(1));
const random = seededRandom('backup');

test('files of messages that disappear, and files that nothing shows, are not in a backup', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-backup-'));
  const database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  try {
    const store = new ProfileStore(database, account.accountId);
    const filesFolder = join(folder, 'files');
    const files = new LocalFiles({ folder: filesFolder, table: new BlobTable(database), random, log: silentLogger });
    const id = account.accountId;
    store.conversations.ensure(id, NOW);
    const addMessage = async (sentAt: number, isLasting: boolean) => {
      const disappearing = isLasting ? null : ({ mode: 'after-read', seconds: 60 } as const);
      const times = { sentAt, placedAt: sentAt };
      const message = {
        ...PLAIN_MESSAGE,
        ...times,
        conversationId: id,
        author: 'x',
        outgoing: false,
        body: '',
        disappearing,
      };
      const blob = await files.add(Uint8Array.of(1, 2, 3));
      const messageId = store.messages.insert(message);
      store.attachments.add(messageId, [{ ...FILE, blob }]);
      return { blob, messageId };
    };
    const lasting = await addMessage(NOW, true);
    await addMessage(NOW + 1, false);
    store.messages.remove((await addMessage(NOW + 2, true)).messageId);
    const names: string[] = [];
    const backup = writeBackup(
      { database, folder, files: filesFolder, random, now: () => NOW },
      'passphrase',
      AbortSignal.any([]),
    );
    for await (const { kind, name } of readEntries(openStream(backup, 'passphrase'))) {
      if (kind === 'file') names.push(name);
    }
    expect(names).toEqual([lasting.blob]);
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

const FILE = {
  isPreview: false,
  contentType: 'image/png',
  fileName: null,
  size: 3,
  width: null,
  height: null,
  isVoice: false,
  caption: null,
  pointer: null,
  isWanted: false,
};
