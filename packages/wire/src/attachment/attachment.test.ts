import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ed25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import {
  contentFileId,
  cutToSize,
  formatFileUrl,
  isFileId,
  legacyPaddedSize,
  MAX_FILE_BYTES,
  MAX_LEGACY_BYTES,
  MAX_STREAM_BYTES,
  openLegacy,
  openProfilePicture,
  openStream,
  PUBLIC_FILE_SERVER,
  parseFileUrl,
  pointerId,
  runSteps,
  runStepsResting,
  sealLegacy,
  sealProfilePicture,
  sealStream,
  signFileRequest,
  streamSealedSize,
  verifyFileRequest,
} from './index.ts';

const secrets = () => ({ key: randomBytes(64), iv: randomBytes(16) });
const size = fc.oneof(fc.nat(2000), fc.nat(300_000));

describe('the legacy format', () => {
  test('gives any content back, cut to its size, whatever the steps are', async () => {
    await fc.assert(
      fc.asyncProperty(size, async (bytes) => {
        const plaintext = randomBytes(bytes);
        const { key, iv } = secrets();
        let rests = 0;
        const { file, digest } = await runStepsResting(sealLegacy(plaintext, { key, iv }), async () => {
          rests++;
        });
        expect(rests).toBeGreaterThan(Math.floor(bytes / 300_000));
        const opened = runSteps(openLegacy(file, key, digest));
        expect(opened).toHaveLength(legacyPaddedSize(bytes));
        expect(Buffer.compare(cutToSize(opened, bytes), plaintext)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('pads by at most 5 %, never below the size, never above the limit', () => {
    fc.assert(
      fc.property(fc.nat(MAX_LEGACY_BYTES), (bytes) => {
        const padded = legacyPaddedSize(bytes);
        expect(padded).toBeGreaterThanOrEqual(Math.max(bytes, 541));
        expect(padded).toBeLessThanOrEqual(Math.min(MAX_LEGACY_BYTES, Math.max(541, bytes * 1.05)));
      }),
    );
  });

  test('refuses every changed byte, and what is too large', () => {
    const { key, iv } = secrets();
    const { file, digest } = runSteps(sealLegacy(randomBytes(100), { key, iv }));
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const changed = Uint8Array.from(file);
        changed[index]! ^= change;
        expect(() => runSteps(openLegacy(changed, key, digest))).toThrow('Bad MAC');
      }),
    );
    expect(() => runSteps(sealLegacy(new Uint8Array(MAX_LEGACY_BYTES + 1), { key, iv }))).toThrow('too large');
    expect(() => runSteps(sealLegacy(file, { key, iv: new Uint8Array(12) }))).toThrow(WireError);
  });
});

describe('the stream format', () => {
  const seed = randomBytes(32);

  test('gives any content back, in files of few sizes', () => {
    fc.assert(
      fc.property(size, (bytes) => {
        const data = randomBytes(bytes);
        const { file, key } = runSteps(sealStream(data, seed, 'attachment'));
        expect(file.length).toBe(streamSealedSize(bytes));
        expect(file.length % 4096).toBe(0);
        expect(Buffer.compare(runSteps(openStream(file, key)), data)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('is the same for the same content of one account only', () => {
    const data = randomBytes(50);
    const seal = (own: Uint8Array, purpose: 'attachment' | 'profile-picture') =>
      Buffer.from(runSteps(sealStream(data, own, purpose)).file).toString('hex');
    expect(seal(seed, 'attachment')).toBe(seal(seed, 'attachment'));
    expect(seal(seed, 'attachment')).not.toBe(seal(seed, 'profile-picture'));
    expect(seal(seed, 'attachment')).not.toBe(seal(randomBytes(32), 'attachment'));
  });

  test('refuses changed, cut and reordered chunks', () => {
    const { file, key } = runSteps(sealStream(randomBytes(100_000), seed, 'attachment'));
    fc.assert(
      fc.property(fc.nat(file.length - 1), (index) => {
        const changed = Uint8Array.from(file);
        changed[index]! ^= 1;
        expect(() => runSteps(openStream(changed, key))).toThrow(WireError);
        expect(() => runSteps(openStream(file.subarray(0, index), key))).toThrow(WireError);
      }),
      { numRuns: 50 },
    );
    const swapped = Uint8Array.from(file);
    swapped.set(file.subarray(25, 25 + 32_785), 25 + 32_785);
    swapped.set(file.subarray(25 + 32_785, 25 + 2 * 32_785), 25);
    expect(() => runSteps(openStream(swapped, key))).toThrow('corrupted');
  });

  test('has the protocol’s limits', () => {
    expect(streamSealedSize(MAX_STREAM_BYTES)).toBe(MAX_FILE_BYTES);
    expect(() => runSteps(sealStream(new Uint8Array(MAX_STREAM_BYTES + 1), seed, 'attachment'))).toThrow('too large');
  });
});

test('no parser throws anything but WireError', () => {
  const key = fc.uint8Array({ minLength: 30, maxLength: 66 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), key, fc.option(key), fc.string(), (bytes, secret, digest, text) => {
      const stream = Uint8Array.from([0x53, ...bytes]);
      const attempts = [
        () => runSteps(openLegacy(bytes, secret, digest)),
        () => runSteps(openStream(stream, secret)),
        () => openProfilePicture(bytes, secret),
        () => parseFileUrl(text),
        () => parseFileUrl(`http://h.example/${text}`),
        () => cutToSize(bytes, secret.length * 3),
      ];
      for (const attempt of attempts) {
        try {
          attempt();
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }),
  );
});

test('a profile picture of any size comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 5000 }), (picture) => {
      const key = randomBytes(32);
      expect(new Uint8Array(openProfilePicture(sealProfilePicture(picture, key, randomBytes(12)), key))).toEqual(
        picture,
      );
    }),
  );
  expect(() => sealProfilePicture(new Uint8Array(1), new Uint8Array(16), new Uint8Array(12))).toThrow(WireError);
});

describe('the URL of a file', () => {
  const address = fc.record({
    server: fc.constantFrom('http://files.example', 'http://files.example:8000', 'https://127.0.0.1:9'),
    serverKey: fc.constantFrom('ab'.repeat(32), PUBLIC_FILE_SERVER.key),
    fileId: fc.stringMatching(/^[A-Za-z0-9_-]{1,44}$/),
    isStream: fc.boolean(),
  });

  test('is read as it was written', () => {
    fc.assert(
      fc.property(address, (given) => {
        expect(parseFileUrl(formatFileUrl(given))).toEqual(given);
      }),
    );
  });

  test('leaves the key of the public network’s server out', () => {
    const { url: server, key: serverKey } = PUBLIC_FILE_SERVER;
    const url = formatFileUrl({ server, serverKey, fileId: '7', isStream: true });
    expect(url).toBe('http://filev2.getsession.org/file/7#d=');
  });

  test.each([
    'ftp://a.example/file/1',
    'http://a:b@a.example/file/1',
    'http://a.example/',
    'http://a.example/file/1#p=ab',
  ])('refuses %s', (url) => expect(() => parseFileUrl(url)).toThrow(WireError));
});

test('ids of files', () => {
  expect(isFileId(runSteps(contentFileId(randomBytes(700_000))))).toBe(true);
  expect(['', 'a/b', 'a'.repeat(45), '../x'].map(isFileId)).toEqual([false, false, false, false]);
  expect(pointerId('9007199254740991')).toBe(9007199254740991n);
  expect(pointerId('1a')).toBe(0n);
});

describe('signed requests', () => {
  const seed = randomBytes(32);
  const request = { method: 'GET', path: '/session_version?platform=desktop', body: new Uint8Array() };
  const now = 1_790_000_000;
  const headers = (changes: Record<string, string> = {}) =>
    new Map(
      Object.entries({ ...signFileRequest(seed, now, request), ...changes }).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    );

  test('are known by their key, which is not the account’s', () => {
    const verdict = verifyFileRequest(headers(), now + 86_400, request);
    expect(verdict).toEqual({ kind: 'signed', by: headers().get('x-fs-pubkey') });
    expect(headers().get('x-fs-pubkey')).not.toContain(Buffer.from(ed25519KeyPair(seed).publicKey).toString('hex'));
    expect(verifyFileRequest(new Map(), now, request)).toEqual({ kind: 'anonymous' });
    const upload = { method: 'POST', path: '/file', body: randomBytes(10) };
    const signed = new Map(
      Object.entries(signFileRequest(seed, now, upload)).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(verifyFileRequest(signed, now, upload).kind).toBe('signed');
    expect(verifyFileRequest(signed, now, { ...upload, body: randomBytes(10) }).kind).toBe('refused');
  });

  test.each([
    [{ 'X-FS-Pubkey': '' }, 400, 'one or more X-FS-* auth headers is missing'],
    [{ 'X-FS-Pubkey': '07ab' }, 400, 'X-FS-Pubkey is not a valid 66-hex digit id'],
    [{ 'X-FS-Pubkey': `05${'ab'.repeat(32)}` }, 400, 'must be 07- prefixed'],
    [{ 'X-FS-Pubkey': `07${'ff'.repeat(32)}` }, 400, ''],
    [{ 'X-FS-Signature': 'AAAA' }, 400, 'X-FS-Signature is not base64[86]'],
    [{ 'X-FS-Timestamp': 'noon' }, 400, ''],
    [{ 'X-FS-Timestamp': String(now - 86_401) }, 425, ''],
    [{ 'X-FS-Timestamp': String(now + 1) }, 401, 'X-FS-Signature verification failed'],
  ])('are refused with %o', (changes, status, reason) => {
    const verdict = verifyFileRequest(headers(changes), now, request);
    expect(verdict).toMatchObject({ kind: 'refused', status });
    expect(verdict).toMatchObject({ reason: expect.stringMatching(/^Invalid authentication: /) });
    expect(verdict).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  test('never throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (pubkey, timestamp, signature) => {
        const given = new Map([
          ['x-fs-pubkey', pubkey],
          ['x-fs-timestamp', timestamp],
          ['x-fs-signature', signature],
        ]);
        expect(verifyFileRequest(given, now, request).kind).not.toBe('signed');
      }),
    );
  });
});
