import { type Dict, EMPTY_DICT, eraseIn, getIn, isDict } from '../values/index.ts';
import { collection } from './collection.ts';
import { normalizeRoom } from './community.ts';
import { describeConfig } from './describe.ts';
import { type Field, integerAt, put } from './field.ts';
import { seenProof } from './pairs.ts';
import { perServer } from './per-server.ts';
import { record } from './record.ts';
import { flag, integer } from './scalars.ts';

/** Read marks older than this are not told to other devices, in ms (config §9.3). */
const STALE_AFTER = 30 * 24 * 60 * 60 * 1000;
const PER_ID_KEYS = ['1', 'g', 'C', 'b'];
const COMMUNITIES_KEY = 'o';

const common = {
  lastRead: lastRead('r', 'sent time of the last message that was read'),
  unread: flag('u', 'marked as unread by hand'),
};
const proof = seenProof('g', 'e');
const read = record(common);
const readWithProof = record({ ...common, proof });
const readPerson = record({
  ...common,
  proof,
  cleared: integer(
    'sotto.cleared',
    'messages up to this time were deleted with the conversation',
    'positive',
    'time, ms',
  ),
});
const readBlinded = record({ ...common, proof, blinding15: prefix15('y', 'the id begins with 15; else with 25') });

/** ConvoInfoVolatile: what was read (config §9.3). The account's own id stands for note to self. */
export const convoInfoVolatile = describeConfig({
  name: 'ConvoInfoVolatile',
  namespace: 4,
  kind: 3,
  sections: {
    people: collection('1', ['05'], readPerson),
    communities: perServer(COMMUNITIES_KEY, 'room in lower case', normalizeRoom, read),
    groups: collection('g', ['03'], read),
    legacyGroups: collection('C', ['05'], read),
    blinded: collection('b', ['15', '25'], readBlinded),
  },
  prune: withoutStale,
});

/** A time in ms; one that is stale is only stored if that lowers the stored one (config §9.3). */
function lastRead(key: string, meaning: string): Field<number> {
  return {
    row: { keys: [key], type: 'time, ms', rule: 'not stored if older than 30 days, unless lower than before', meaning },
    read: (dict) => integerAt(dict, key) ?? 0,
    write: (dict, value, { now }) => {
      const stored = integerAt(dict, key) ?? 0;
      const stale = now !== null && value <= now - STALE_AFTER;
      if (stale && value >= stored) return dict;
      return put(dict, key, value > 0 ? BigInt(Math.trunc(value)) : null);
    },
  };
}

/** Says again what the entry's id begins with; cannot be set. */
function prefix15(key: string, meaning: string): Field<boolean> {
  return {
    always: true,
    row: { keys: [key], type: 'flag', rule: '1 or absent; follows from the id', meaning },
    read: (dict) => integerAt(dict, key) === 1,
    write: (dict, _, { id }) => put(dict, key, id.startsWith('15') ? 1n : null),
  };
}

/** Without entries that are older than 30 days, not marked unread and without a valid proof (config §9.3). */
function withoutStale(data: Dict, now: number): Dict {
  const context = { id: '', now };
  const isStale = (entry: Dict): boolean => {
    const { lastRead: time, unread, proof: seen } = readWithProof.read(entry, context);
    return time < now - STALE_AFTER && !unread && (seen === null || seen.expiry * 1000 <= now);
  };
  let kept = data;
  const sweep = (path: readonly string[]): void => {
    const entries = getIn(data, path);
    for (const [index, key] of isDict(entries) ? entries.keys.entries() : []) {
      const entry = (entries as Dict).values[index];
      if (isDict(entry) && isStale(entry)) kept = eraseIn(kept, [...path, key]);
    }
  };
  for (const key of PER_ID_KEYS) sweep([key]);
  const servers = data.get(COMMUNITIES_KEY);
  for (const baseUrl of isDict(servers) ? servers.keys : EMPTY_DICT.keys) {
    sweep([COMMUNITIES_KEY, baseUrl, 'R']);
    if (getIn(kept, [COMMUNITIES_KEY, baseUrl, 'R']) === undefined) kept = eraseIn(kept, [COMMUNITIES_KEY, baseUrl]);
  }
  return kept;
}
