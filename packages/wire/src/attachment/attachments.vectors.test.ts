import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import {
  contentFileId,
  legacyPaddedSize,
  openLegacy,
  openProfilePicture,
  openStream,
  parseFileUrl,
  runSteps,
  sealLegacy,
  sealProfilePicture,
  sealStream,
  streamPadding,
  streamSealedSize,
  streamSecret,
} from './index.ts';

/** Bytes in hex, or what is known of long ones. */
type Given = string | { length: number; sha256: string; first64: string; last64: string };
type Expected = {
  error?: string;
  plaintext?: string;
  plaintext_padded_length?: number;
  plaintext_sha256?: string;
};

interface Case {
  readonly kind: string;
  readonly name?: string;
  readonly [field: string]: unknown;
}

/** Where the reference's sentence is that of its runtime, or addresses its users. */
const OUR_SENTENCES: Readonly<Record<string, string>> = {
  'The operation failed for an operation-specific reason': 'Bad padding',
  'Failure: Ask sender to update Session and resend.': 'No digest',
};

const PURPOSES = { attachment: 'attachment', profile_pic: 'profile-picture' } as const;

const CHECKS: Readonly<Record<string, (given: Case) => void>> = {
  legacy_encrypt(given) {
    const plaintext = plaintextOf(given);
    matches(given.plaintext as Given, plaintext);
    expect(legacyPaddedSize(plaintext.length)).toBe(given.padded_size);
    const key = hex(given.key);
    const { file, digest } = runSteps(sealLegacy(plaintext, { key, iv: hex(given.iv) }));
    expect(file).toHaveLength(given.encrypted_size as number);
    matches(given.encrypted as Given, file);
    expect(bytesToHex(digest)).toBe(given.digest);
    expect(runSteps(openLegacy(file, key, digest)).subarray(0, plaintext.length)).toEqual(plaintext);
  },
  legacy_padded_sizes({ table }) {
    for (const [size, padded] of table as [number, number][])
      expect([size, legacyPaddedSize(size)]).toEqual([size, padded]);
  },
  legacy_decrypt(given) {
    const digest = given.digest === null ? null : hex(given.digest);
    judge(given.expected as Expected, () => runSteps(openLegacy(hex(given.encrypted), hex(given.key), digest)));
  },
  stream_encrypt(given) {
    const data = plaintextOf(given);
    const purpose = PURPOSES[given.domain as keyof typeof PURPOSES];
    const seed = hex(given.seed);
    const { file, key } = runSteps(sealStream(data, seed, purpose));
    expect(bytesToHex(key)).toBe(given.key);
    expect(bytesToHex(file.subarray(1, 25))).toBe(given.header);
    expect(file).toHaveLength(given.encrypted_size as number);
    matches(given.encrypted as Given, file);
    expect(Buffer.compare(runSteps(openStream(file, key)), data)).toBe(0);
    if (given.newest_derivation) {
      const { header: newestHeader, key: newestKey } = given.newest_derivation as { header: string; key: string };
      const newest = runSteps(streamSecret(seed, data, purpose, 'newest'));
      expect([bytesToHex(newest.header), bytesToHex(newest.key)]).toEqual([newestHeader, newestKey]);
    }
  },
  stream_sizes({ table, columns }) {
    expect(columns).toEqual(['plaintext_size', 'padding', 'encrypted_size']);
    for (const [size, padding, sealed] of table as [number, number, number][]) {
      expect([size, streamPadding(size), streamSealedSize(size)]).toEqual([size, padding, sealed]);
    }
  },
  stream_decrypt(given) {
    judge(given.expected as Expected, () => runSteps(openStream(hex(given.encrypted), hex(given.key))));
  },
  profile_pic_legacy(given) {
    const [picture, key] = [hex(given.plaintext), hex(given.key)];
    const file = sealProfilePicture(picture, key, hex(given.iv));
    matches(given.encrypted as Given, file);
    expect(bytesToHex(openProfilePicture(file, key))).toBe(given.plaintext);
  },
  profile_pic_legacy_decrypt(given) {
    judge(given.expected as Expected, () => openProfilePicture(hex(given.encrypted), hex(given.key)));
  },
  url({ url, expected_desktop }) {
    const expected = expected_desktop as Record<string, unknown>;
    if (expected.rejected === true) {
      expect(() => parseFileUrl(url as string)).toThrow(WireError);
      return;
    }
    const { fileId, serverKey, isStream } = parseFileUrl(url as string);
    expect({ file_id: fileId, server_ed25519_pk: serverKey, deterministic: isStream }).toEqual(expected);
  },
  file_id({ body, id }) {
    expect(runSteps(contentFileId(hex(body)))).toBe(id);
  },
};

const { cases } = loadVectors<{ cases: readonly Case[] }>('attachments');

describe('attachments', () => {
  test.each(
    cases.map((given, index) => [index, given.kind, given.name ?? given.size ?? given.url ?? '', given] as const),
  )('%i %s %s', (_index, kind, _name, given) => {
    const check = CHECKS[kind];
    if (!check) throw new Error(`there is no test for the kind ${kind}`);
    check(given);
  });
});

function judge(expected: Expected, open: () => Uint8Array): void {
  if (expected.error !== undefined) {
    const sentence = OUR_SENTENCES[expected.error] ?? expected.error;
    expect(open).toThrow(WireError);
    expect(open).toThrow(expect.objectContaining({ code: 'attachment', message: sentence }));
    return;
  }
  const opened = open();
  const { plaintext, plaintext_padded_length: paddedLength, plaintext_sha256: digest, ...others } = expected;
  expect(others).toEqual({});
  expect(plaintext ?? digest).toBeDefined();
  if (plaintext !== undefined) expect(bytesToHex(opened)).toBe(plaintext);
  if (paddedLength !== undefined) expect(opened).toHaveLength(paddedLength);
  if (digest !== undefined) expect(sha256(opened)).toBe(digest);
}

function matches(given: Given, bytes: Uint8Array): void {
  if (typeof given === 'string') {
    expect(bytesToHex(bytes)).toBe(given);
    return;
  }
  expect(bytes).toHaveLength(given.length);
  expect(bytesToHex(bytes.subarray(0, 64))).toBe(given.first64);
  expect(bytesToHex(bytes.subarray(-64))).toBe(given.last64);
  expect(sha256(bytes)).toBe(given.sha256);
}

function plaintextOf({ size, plaintext_rule: rule }: Case): Uint8Array {
  expect(rule).toBe('byte[i] = (i*7 + 3 + (i>>8)) & 255');
  return Uint8Array.from({ length: size as number }, (_, index) => (index * 7 + 3 + (index >> 8)) & 255);
}

function hex(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new Error('the case has no bytes in hex');
  return new Uint8Array(hexToBytes(value));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
