import { expect, test } from 'vitest';
import { bytesToBase64, bytesToHex, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
import { ed25519KeyPair, ed25519Sign, ed25519Verify } from '../crypto/index.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { isSigningValueValid, makeMemberAccess, signAsMember, tokenAllows, tokenKey } from './index.ts';

type Case = { id: string } & (
  | { kind: 'make-subaccount'; session_id: string; flags: number; signing_value: string; token: string }
  | {
      kind: 'subaccount-sign';
      user_seed: string;
      signing_value: string;
      message: string;
      subaccount: string;
      subaccount_sig: string;
      signature: string;
    }
  | {
      kind: 'client-verify-signing-value';
      group_id: string;
      user_seed: string;
      signing_value: string;
      require_write: boolean;
      require_delete: boolean;
      valid: boolean;
    }
  | {
      kind: 'node-verify';
      account: string;
      token: string;
      token_signature: string;
      signature: string;
      signed_text: string;
      required_flags: number;
      valid: boolean;
      reason?: string;
    }
  | { kind: 'admin-request-signature'; signed_bytes: string; signature_b64: string }
);

type Kind = Case['kind'];
type CaseOf<K extends Kind> = Extract<Case, { kind: K }>;

const { cases, group } = loadVectors<{ cases: Case[]; group: { seed: string } }>('subaccount');

const checks: { [K in Kind]: (vector: CaseOf<K>) => void } = {
  'make-subaccount'({ session_id, flags, signing_value, token }) {
    const access = makeMemberAccess(hexToBytes(group.seed), session_id, flags);
    expect(bytesToHex(access.token)).toBe(token);
    expect(bytesToHex(access.signingValue)).toBe(signing_value);
  },

  'subaccount-sign'({ user_seed, signing_value, message, subaccount, subaccount_sig, signature }) {
    const member = ed25519KeyPair(hexToBytes(user_seed));
    const proof = signAsMember(member, hexToBytes(signing_value), utf8ToBytes(message));
    expect(bytesToHex(proof.token)).toBe(subaccount);
    expect(bytesToHex(proof.tokenSignature)).toBe(subaccount_sig);
    expect(bytesToHex(proof.signature)).toBe(signature);
  },

  'client-verify-signing-value'(vector) {
    const member = ed25519KeyPair(hexToBytes(vector.user_seed));
    const flags = (vector.require_write ? 2 : 0) | (vector.require_delete ? 4 : 0);
    expect(isSigningValueValid(vector.group_id, member, hexToBytes(vector.signing_value), flags)).toBe(vector.valid);
  },

  'node-verify'({ account, token, token_signature, signature, signed_text, required_flags, valid, reason }) {
    const [accountBytes, tokenBytes] = [hexToBytes(account), hexToBytes(token)];
    const allows = tokenAllows(tokenBytes, accountBytes[0]!, required_flags);
    const genuine = ed25519Verify(tokenBytes, hexToBytes(token_signature), accountBytes.subarray(1));
    const signed = ed25519Verify(utf8ToBytes(signed_text), hexToBytes(signature), tokenKey(tokenBytes));
    expect(allows && genuine && signed).toBe(valid);
    if (reason === undefined) return;
    const failures: Record<string, boolean> = {
      permissions: !allows,
      prefix: !allows,
      'token-signature': !genuine,
      'request-signature': !signed,
    };
    expect(failures[reason], reason).toBe(true);
  },

  'admin-request-signature'({ signed_bytes, signature_b64 }) {
    const { secretKey } = ed25519KeyPair(hexToBytes(group.seed));
    expect(bytesToBase64(ed25519Sign(hexToBytes(signed_bytes), secretKey))).toBe(signature_b64);
  },
};

for (const vector of cases) {
  test(`${vector.kind}: ${vector.id}`, () => {
    const check = checks[vector.kind] as ((vector: Case) => void) | undefined;
    if (check === undefined) throw new Error(`unknown kind ${vector.kind}`);
    check(vector);
  });
}
