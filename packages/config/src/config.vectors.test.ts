import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { unwrapSharedConfig, wrapSharedConfig } from '@sotto/wire/message';
import { loadVectors } from '@sotto/wire/vectors-loader';
import { expect, test } from 'vitest';
import { ConfigError } from './errors.ts';
import { paddedSize } from './pack/padding.ts';
import { open, seal } from './pack/seal.ts';
import { accountOf, playDevices } from './testing/vector-devices.ts';
import { playRaw } from './testing/vector-raw.ts';
import type { Item, VectorCase } from './testing/vector-types.ts';
import { communityUrl, normalizeRoom, parseCommunityUrl } from './types/community.ts';
import { cutUtf8 } from './types/utf8.ts';

const KIND_OF_NAMESPACE: Readonly<Record<number, number>> = { 2: 1, 3: 2, 4: 3, 5: 4 };

const itemChecks: Readonly<Record<string, (item: Item) => void>> = {
  encrypt: ({ key_base, domain, plaintext, encrypted, nonce }) => {
    const sealed = seal(hexToBytes(plaintext), hexToBytes(key_base), domain);
    expect(bytesToHex(sealed)).toBe(encrypted);
    expect(encrypted.endsWith(nonce)).toBe(true);
    expect(bytesToHex(open(sealed, hexToBytes(key_base), domain)!)).toBe(plaintext);
  },
  padded_size: ({ size, padded }) => expect(paddedSize(size)).toBe(padded),
  wrap: ({ seed, data, seqno, ns, wrapped }) => {
    const account = accountOf(seed);
    const kind = KIND_OF_NAMESPACE[ns]!;
    expect(bytesToHex(wrapSharedConfig(hexToBytes(data), BigInt(seqno), kind, account))).toBe(wrapped);
    expect(bytesToHex(unwrapSharedConfig(hexToBytes(wrapped), kind, account))).toBe(data);
  },
  utf8_truncate: ({ hex, max_bytes, result_hex }) =>
    expect(bytesToHex(cutUtf8(hexToBytes(hex), max_bytes))).toBe(result_hex),
  community_url: ({ url, error, base_url, room, room_norm, pubkey, full_url }) => {
    if (error !== undefined) {
      expect(() => parseCommunityUrl(url)).toThrow(ConfigError);
      return;
    }
    const community = parseCommunityUrl(url);
    expect({ ...community, publicKey: bytesToHex(community.publicKey) }).toEqual({
      baseUrl: base_url,
      room,
      publicKey: pubkey,
    });
    expect(normalizeRoom(room)).toBe(room_norm);
    expect(communityUrl(community)).toBe(full_url);
  },
};

const plays: Readonly<Record<string, (vector: VectorCase) => void>> = {
  device: playDevices,
  // The last step must leave the config as it is, which it says itself.
  invalid: playDevices,
  raw: playRaw,
};

for (const file of ['config', 'config-merge']) {
  for (const vector of loadVectors<{ cases: VectorCase[] }>(file).cases) {
    test(`${file}: ${vector.name}`, () => {
      const check = itemChecks[vector.kind];
      const play = plays[vector.kind];
      if (check) for (const item of vector.items!) check(item);
      else if (play) play(vector);
      else throw new Error(`unknown kind of vector: ${vector.kind}`);
    });
  }
}
