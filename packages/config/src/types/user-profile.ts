import { type Dict, equalValues } from '../values/index.ts';
import { describeConfig } from './describe.ts';
import { type Field, type FieldContext, integerAt, put, type ValueOf } from './field.ts';
import { type Picture, picture, secondsOnceMilliseconds } from './pairs.ts';
import { record } from './record.ts';
import { bits, choice, flag, integer, MAX_NAME_BYTES, opaque, text } from './scalars.ts';
import { single } from './single.ts';

const RECENT_SECONDS = 7 * 24 * 60 * 60;

const fields = {
  name: text('n', 'display name', { maxBytes: MAX_NAME_BYTES, overlong: 'refuse', dated: true }),
  picture: picture('p', 'q', 'picture as the person chose it'),
  noteToSelfPriority: integer('+', 'note to self: −1 hidden, > 0 pinned, higher first', 'nonzero'),
  noteToSelfTimer: integer(
    'e',
    'note to self: messages disappear this long after being sent',
    'positive',
    'integer, seconds',
  ),
  noteToSelfArchived: integer('sotto.archived', 'note to self: when it was archived', 'positive', 'time, ms'),
  communityRequests: choice('M', 'whether people of communities may write first', { dated: true }),
  changed: integer('t', 'last change of the profile by the person', 'positive', 'time, s'),
  storedAgainPicture: picture('P', 'Q', 'picture after its automatic storing again'),
  storedAgain: integer('T', 'time of that, or of a change that came while it was newer', 'positive', 'time, s'),
  proFeatures: bits('f', 'Pro features: 0 badge, 1 animated picture', { dated: true }),
  proCredential: opaque('s', 'Pro credential', { dated: true }),
  proExpiry: proExpiry('E', 'end of Pro access'),
  proGracePeriod: integer(
    'G',
    'time that Pro goes on after its end; erased with the end',
    'nonzero',
    'integer, seconds',
  ),
  proRenews: flag('A', 'Pro is renewed automatically'),
  proRefund: recent('R', 'when the money was asked back'),
  proPurchase: recent('I', 'when a purchase began; erased when Pro access lies in the future'),
};

/** What an account says of itself. */
export type UserProfile = { readonly [K in keyof typeof fields]: ValueOf<(typeof fields)[K]> };

const profile = record(fields, (before, after, context) => dateChange(before, eraseWithEnd(after, context), context));

/** UserProfile (config §9.1). */
export const userProfile = describeConfig({
  name: 'UserProfile',
  namespace: 2,
  kind: 1,
  sections: { profile: single(profile) },
});

/** The picture to be shown: the one that was stored again, if that is newer (config §9.1). */
export function shownPicture({
  changed,
  picture: chosen,
  storedAgain,
  storedAgainPicture,
}: UserProfile): Picture | null {
  return changed >= storedAgain ? chosen : storedAgainPicture;
}

/** When the profile last changed, in seconds since 1970, as messages tell others; 0 if unknown (config §9.1). */
export function profileUpdated({ changed, storedAgain }: UserProfile): number {
  return changed === 0 ? 0 : Math.max(changed, storedAgain);
}

const DATED_KEYS = [
  ...Object.values<Field<unknown>>(fields).flatMap((field) => (field.dated ? field.row.keys : [])),
  ...fields.proRefund.row.keys,
];

/** Writes the time into what it belongs to (config §9.1, the rule of 2026). */
function dateChange(before: Dict, after: Dict, { now }: FieldContext): Dict {
  if (now === null) return after;
  const seconds = BigInt(Math.trunc(now / 1000));
  const [changedKey] = fields.changed.row.keys as [string];
  const [storedAgainKey] = fields.storedAgain.row.keys as [string];
  const differs = (key: string): boolean => !equalValues(before.get(key), after.get(key));
  let dated = after;
  if (DATED_KEYS.some(differs)) {
    const chosenIsNewer = (integerAt(after, changedKey) ?? 0) >= (integerAt(after, storedAgainKey) ?? 0);
    dated = put(dated, chosenIsNewer ? changedKey : storedAgainKey, seconds);
  }
  const { keys: chosenKeys } = fields.picture.row;
  const { keys: storedAgainKeys } = fields.storedAgainPicture.row;
  if (storedAgainKeys.some(differs)) dated = put(dated, storedAgainKey, seconds);
  if (chosenKeys.some(differs)) {
    dated = put(dated, changedKey, seconds);
    const removed = chosenKeys.every((key) => after.get(key) === undefined);
    if (removed && storedAgainKeys.some((key) => after.get(key) !== undefined)) {
      dated = put(
        storedAgainKeys.reduce((dict, key) => put(dict, key, null), dated),
        storedAgainKey,
        seconds,
      );
    }
  }
  return dated;
}

/** What means nothing without, or after, the end of Pro access. */
function eraseWithEnd(dict: Dict, context: FieldContext): Dict {
  const end = fields.proExpiry.read(dict, context);
  if (end === 0) return fields.proGracePeriod.write(dict, 0, context);
  return context.now !== null && end * 1000 > context.now ? fields.proPurchase.write(dict, 0, context) : dict;
}

/** A time in seconds that versions before mid 2026 wrote in ms. */
function proExpiry(key: string, meaning: string): Field<number> {
  return {
    row: { keys: [key], type: 'time, s', rule: 'stored if > 0; read as ms above 10¹²', meaning },
    read: (dict) => secondsOnceMilliseconds(integerAt(dict, key) ?? 0),
    write: writeSeconds(key),
  };
}

/** A time in seconds that counts for 7 days. */
function recent(key: string, meaning: string): Field<number> {
  return {
    row: { keys: [key], type: 'time, s', rule: 'stored if > 0; read as absent after 7 days', meaning },
    read: (dict, { now }) => {
      const value = integerAt(dict, key) ?? 0;
      return now !== null && value < now / 1000 - RECENT_SECONDS ? 0 : value;
    },
    write: writeSeconds(key),
  };
}

function writeSeconds(key: string): (dict: Dict, value: number) => Dict {
  return (dict, value) => put(dict, key, value > 0 ? BigInt(Math.trunc(value)) : null);
}
