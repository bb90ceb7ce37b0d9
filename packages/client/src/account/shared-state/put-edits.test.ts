import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveAccount } from '@sotto/wire/account';
import { expect, test } from 'vitest';
import { Touched } from '../../conversation/touched.ts';
import { AccountTable } from '../../store/account-table.ts';
import { Database } from '../../store/database.ts';
import { ProfileStore } from '../../store/profile-store.ts';
import { silentLogger } from '../../surroundings.ts';
import { putEdits } from './put-edits.ts';
import { recordEdits } from './recorder.ts';
import { SharedConfigs } from './shared-configs.ts';

const NOW = 1_790_000_000_000;
const account = deriveAccount(new Uint8Array(16).fill(1));
const ownId = account.accountId;
const idOf = (number: number) => `05${number.toString(16).padStart(64, '0')}`;

test('however many strangers write, there is room for the people we know', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-edits-'));
  const database = Database.open(join(folder, 'profile.db'), new Uint8Array(32).fill(1), 'create');
  try {
    new AccountTable(database).create({ seed16: account.seed16, name: 'A', nameChangedAt: NOW, createdAt: NOW });
    const store = new ProfileStore(database, ownId);
    const configs = new SharedConfigs(store, account);
    recordEdits(store, () => {});
    const put = () => configs.change(() => putEdits({ store, configs, ownId, log: silentLogger }, new Touched(), NOW));
    store.transaction(() => {
      for (let number = 1; number <= 1200; number++) store.conversations.ensure(idOf(number), NOW);
    });
    put();
    expect(configs.contacts(NOW).list()).toHaveLength(1000);
    store.conversations.ensure(idOf(1201), NOW);
    store.conversations.update(idOf(1200), { approved: true });
    store.conversations.update(idOf(1199), { blocked: true });
    put();
    expect(configs.contacts(NOW).list()).toHaveLength(1002);
    expect(configs.contacts(NOW).get(idOf(1200))).toMatchObject({ approved: true });
    expect(store.shared.countEdits()).toBe(0);
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
