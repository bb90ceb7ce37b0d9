import { encodeBt } from '@sotto/wire/bt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { dicts } from '../testing/arbitraries.ts';
import { PLAIN } from '../testing/swarm.ts';
import { type Dict, Encoder, equalValues, setIn } from '../values/index.ts';
import { ConfigObject } from './config-object.ts';
import { decodeDump, encodeDump } from './dump.ts';

const ENTRIES = 300;

/** A config that others know, with an edit that they do not know yet. */
function edited(state: 'dirty' | 'waiting'): ConfigObject {
  const config = new ConfigObject(PLAIN);
  config.edit((data) =>
    Array.from({ length: ENTRIES }, (_, index) => index).reduce(
      (dict, index) => setIn(dict, ['c', String(index).padStart(4, '0')], new Uint8Array(100)),
      data,
    ),
  );
  config.merge([], 0);
  config.push(0);
  config.confirm(1n, ['x']);
  config.edit((data) => setIn(setIn(data, ['c', '0007'], 1n), ['c', 'new'], 2n));
  if (state === 'waiting') config.push(0);
  return config;
}

test.each(['dirty', 'waiting'] as const)('only what is different from the message is told of a %s config', (state) => {
  const snapshot = edited(state).snapshot();
  const dump = encodeDump(snapshot);
  expect(dump.message).toBe(snapshot.message.bytes);
  expect(dump.state.length).toBeLessThan(1000);
  const { base, original } = decodeDump(dump);
  expect(equalValues(base, snapshot.base)).toBe(true);
  expect(equalValues(original, snapshot.original)).toBe(true);
});

test('whatever the data was before an edit, it is the same after a restart', () => {
  fc.assert(
    fc.property(dicts, dicts, (before, after) => {
      const config = new ConfigObject(PLAIN);
      config.edit(() => before);
      config.merge([], 0);
      config.push(0);
      config.confirm(1n, ['x']);
      config.edit(() => after);
      const snapshot = config.snapshot();
      const { base, original } = decodeDump(encodeDump(snapshot));
      expect(equalValues(base, snapshot.base)).toBe(true);
      expect(equalValues(original, snapshot.original)).toBe(true);
    }),
  );
});

describe('of the first version, with everything in one piece', () => {
  const first = (config: ConfigObject): Uint8Array => {
    const { message, base, original, currentHashes, oldHashes, early } = config.snapshot();
    const whole = (data: Dict): Uint8Array => {
      const encoder = new Encoder();
      if (data !== message.data) encoder.dict(data);
      return encoder.written;
    };
    return encodeBt({
      base: whole(base),
      current: currentHashes,
      early,
      message: message.bytes,
      old: oldHashes,
      original: whole(original),
      parts: [],
      state: ['clean', 'dirty', 'waiting'].indexOf(config.state),
      version: 1,
    });
  };

  test.each(['dirty', 'waiting'] as const)('a %s config is read', (state) => {
    const config = edited(state);
    const loaded = new ConfigObject(PLAIN, decodeDump({ state: first(config), message: new Uint8Array() }));
    expect(loaded.state).toBe(state);
    expect(encodeDump(loaded.snapshot())).toEqual(encodeDump(config.snapshot()));
  });
});

test('a dump of a later version is refused', () => {
  const { state, message } = encodeDump(new ConfigObject(PLAIN).snapshot());
  const newer = Buffer.from(Buffer.from(state).toString('latin1').replace('7:versioni2e', '7:versioni3e'), 'latin1');
  expect(() => decodeDump({ state: newer, message })).toThrow(new ConfigError('dump', 'unknown version'));
});
