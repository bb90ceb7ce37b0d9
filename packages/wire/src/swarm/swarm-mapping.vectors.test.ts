import { expect, test } from 'vitest';
import { WireError } from '../errors.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { assignSwarms } from './assign.ts';
import { newSwarmId } from './new-swarm-id.ts';
import { accountTextPosition, swarmOfPosition } from './position.ts';
import { NO_SWARM } from './swarm-id.ts';
import { drawTesterAndTestee } from './tester-testee.ts';

type Case = { note?: string } & (
  | { kind: 'space'; account: string; space_hex?: string; space_dec?: string; valid?: boolean }
  | { kind: 'lookup'; swarm_ids: string[]; account: string; space_hex: string; swarm: string | null }
  | { kind: 'tester-testee'; block_hash_hex: string; swarm_size: number; tester_index: number; testee_index: number }
  | { kind: 'new-swarm-id'; existing: string[]; new: string }
  | { kind: 'assign'; seed_hex: string; before: Record<string, number[]>; after: Record<string, number[]> }
);

type Kind = Case['kind'];
type CaseOf<K extends Kind> = Extract<Case, { kind: K }>;

const checks: { [K in Kind]: (vector: CaseOf<K>) => void } = {
  space: ({ account, space_hex, space_dec, valid }) => {
    if (valid === false) {
      expect(() => accountTextPosition(account)).toThrow(WireError);
      return;
    }
    expect(accountTextPosition(account)).toBe(fromHex(space_hex!));
    expect(accountTextPosition(account)).toBe(BigInt(space_dec!));
  },

  lookup: ({ swarm_ids, account, space_hex, swarm }) => {
    const position = accountTextPosition(account);
    expect(position).toBe(fromHex(space_hex));
    const found = swarmOfPosition(position, swarm_ids.map(fromHex));
    expect(found).toBe(swarm === null ? null : fromHex(swarm));
  },

  'tester-testee': ({ block_hash_hex, swarm_size, tester_index, testee_index }) => {
    const drawn = drawTesterAndTestee(block_hash_hex, swarm_size);
    expect(drawn).toEqual({ tester: tester_index, testee: testee_index });
  },

  'new-swarm-id': (vector) => {
    expect(newSwarmId(vector.existing.map(fromHex))).toBe(fromHex(vector.new));
  },

  assign: ({ seed_hex, before, after }) => {
    const swarms = toMap(before);
    const unassigned = swarms.get(NO_SWARM) ?? [];
    swarms.delete(NO_SWARM);
    const result = assignSwarms(swarms, unassigned, fromHex(seed_hex));
    expect([...result]).toEqual([...toMap(after)]);
  },
};

const { cases } = loadVectors<{ cases: Case[] }>('swarm-mapping');

cases.forEach((vector, index) => {
  test(`${vector.kind} ${index}: ${vector.note ?? ''}`, () => {
    const check = checks[vector.kind] as ((vector: Case) => void) | undefined;
    if (!check) throw new Error(`unknown kind of vector: ${vector.kind}`);
    check(vector);
  });
});

function fromHex(text: string): bigint {
  return BigInt(`0x${text}`);
}

function toMap(swarms: Record<string, number[]>): Map<bigint, number[]> {
  const entries = Object.entries(swarms).map(([id, members]): [bigint, number[]] => [fromHex(id), members]);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
