import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileNetworkPath } from '@sotto/client';
import { networkLink, parseNetworkFile } from '@sotto/directory';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProfile, lookForProfile } from './session.ts';

const FILE = {
  sotto: 1,
  created: 1_790_000_000_000,
  authorities: [{ key: '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', urls: [] }],
  threshold: 1,
  parameters: { swarmMin: 3, swarmIdeal: 5, relays: 3, join: 'open' },
};
const named = (name: string) => JSON.stringify({ ...FILE, name });

describe('the network of a profile', () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'sotto-session-'));
  });
  afterEach(() => rmSync(data, { recursive: true }));

  const look = (network?: string) => lookForProfile({ data, profile: 'noor', network }).network?.name ?? null;

  function upRuns() {
    mkdirSync(join(data, 'network'));
    writeFileSync(join(data, 'network/up.sotto'), named('Of sotto up'));
  }

  function wasJoined() {
    const folder = join(data, 'profiles/noor');
    mkdirSync(folder, { recursive: true });
    writeFileSync(profileNetworkPath(folder), named('Joined'));
  }

  test('may be unknown, and then commands that need one say what to do', () => {
    expect(look()).toBeNull();
    expect(() => findProfile({ data, profile: 'noor', network: undefined })).toThrow('sotto app');
  });

  test('is the named one, else the one joined in the app, else that of sotto up', () => {
    upRuns();
    expect(look()).toBe('Of sotto up');
    wasJoined();
    expect(look()).toBe('Joined');
    expect(findProfile({ data, profile: 'noor', network: undefined }).network.name).toBe('Joined');
    expect(look(networkLink(parseNetworkFile(named('Named'))))).toBe('Named');
  });
});
