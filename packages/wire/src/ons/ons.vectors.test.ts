import { expect, test } from 'vitest';
import { bytesToBase64, bytesToHex, hexToBytes } from '../bytes/index.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { onsNameHash, openOnsValue, readOnsName } from './ons.ts';

interface Case {
  readonly kind: 'resolve' | 'resolve_invalid' | 'resolve_legacy_argon2';
  readonly name: string;
  readonly note?: string;
  readonly lower?: string;
  readonly name_hash?: string;
  readonly name_hash_base64?: string;
  readonly encrypted_value: string;
  readonly nonce: string | null;
  readonly expected: { readonly account_id?: string; readonly error?: string };
}

const { cases } = loadVectors<{ cases: readonly Case[] }>('ons');

test.each(cases.map((each) => [`${each.kind}: ${each.name} ${each.note ?? ''}`, each] as const))(
  '%s',
  async (_, each) => {
    const value = {
      encryptedValue: hexToBytes(each.encrypted_value),
      nonce: each.nonce === null ? null : hexToBytes(each.nonce),
    };
    switch (each.kind) {
      case 'resolve': {
        const name = readOnsName(each.name)!;
        expect(name).toBe(each.lower);
        expect(bytesToHex(onsNameHash(name))).toBe(each.name_hash);
        expect(bytesToBase64(onsNameHash(name))).toBe(each.name_hash_base64);
        expect(await openOnsValue(name, value)).toBe(each.expected.account_id);
        break;
      }
      case 'resolve_legacy_argon2':
        expect(await openOnsValue(each.name, value)).toBe(each.expected.account_id);
        break;
      case 'resolve_invalid':
        await expect(openOnsValue(each.name, value)).rejects.toThrowError(
          expect.objectContaining({ code: 'ons', message: each.expected.error }),
        );
        break;
      default:
        throw new Error(`unknown kind ${(each as Case).kind}`);
    }
  },
);
