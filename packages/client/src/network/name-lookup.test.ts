import { bytesToBase64, bytesToHex, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, xchachaSeal } from '@sotto/wire/crypto';
import { NO_NAMES_TEXT, onsNameHash } from '@sotto/wire/ons';
import { expect, test } from 'vitest';
import { type NameNodes, resolveName } from './name-lookup.ts';

const ACCOUNT = `05${'ab'.repeat(32)}`;
const signal = new AbortController().signal;

/** What the chain would keep for a name. */
function ciphertextOf(name: string, account = ACCOUNT, nonce = new Uint8Array(24).fill(1)) {
  const key = blake2b(32, utf8ToBytes(name), { key: onsNameHash(name) });
  const encrypted_value = bytesToHex(xchachaSeal(key, nonce, Buffer.from(account, 'hex')));
  return { encrypted_value, nonce: bytesToHex(nonce) };
}

const done = (result: object) => ({ code: 200, body: { result, t: 1, hf: [19, 6] } });
const refused = (text: string) => ({ code: 400, body: text });

/** Three nodes with these sub-answers; `null`: no answer at all. */
function nodesSaying(...answers: (object | null)[]): NameNodes & { asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    async askAtRandom(count, request) {
      expect(count).toBe(3);
      asked.push(request);
      return answers.map((answer) => answer && { code: 200, body: { results: [answer] } });
    },
  };
}

test('three nodes that agree lead to the account, whatever the case of the name', async () => {
  const answer = done(ciphertextOf('alice'));
  const nodes = nodesSaying(answer, answer, answer);
  expect(await resolveName(' Alice', nodes, signal)).toBe(ACCOUNT);
  expect(nodes.asked).toEqual([
    {
      method: 'batch',
      params: {
        requests: [
          {
            method: 'oxend_request',
            params: {
              endpoint: 'ons_resolve',
              params: { type: 0, name_hash: bytesToBase64(onsNameHash('alice')) },
            },
          },
        ],
      },
    },
  ]);
});

const good = done(ciphertextOf('alice'));
const other = done(ciphertextOf('alice', `05${'cd'.repeat(32)}`));
const noNames = refused(NO_NAMES_TEXT);

test.each([
  ['unknown', [done({}), done({}), done({})]],
  ['no-names', [noNames, noNames, noNames]],
  ['no-names', [noNames, null]],
  ['contradictory', [good, good, other]],
  ['contradictory', [good, good, done({})]],
  ['contradictory', [done({}), good, good]],
  ['contradictory', [noNames, good, good]],
  ['contradictory', Array(3).fill(done(ciphertextOf('alicex')))],
  ['contradictory', Array(3).fill(done(ciphertextOf('alice', `03${'ab'.repeat(32)}`)))],
  ['contradictory', Array(3).fill(done({ encrypted_value: 'aa' }))],
  ['unreachable', [good, good, null]],
  ['unreachable', [good, good]],
  ['unreachable', [good, good, refused('Unknown oxend error')]],
  ['unreachable', [good, good, done({ encrypted_value: 5 })]],
  ['unreachable', [good, good, { code: 'rubbish' }]],
  ['unreachable', []],
] as const)('%s: %#', async (reason, answers) => {
  await expect(resolveName('alice', nodesSaying(...answers), signal)).rejects.toThrowError(
    expect.objectContaining({ reason }),
  );
});

test('what can be no name is asked nobody', async () => {
  const nodes = nodesSaying();
  await expect(resolveName('no name', nodes, signal)).rejects.toThrowError(
    expect.objectContaining({ reason: 'malformed' }),
  );
  expect(nodes.asked).toEqual([]);
});

test('a caller that stopped is told so', async () => {
  await expect(resolveName('alice', nodesSaying(null, null, null), AbortSignal.abort())).rejects.toThrowError(
    expect.objectContaining({ reason: 'stopped' }),
  );
});
