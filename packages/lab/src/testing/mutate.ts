/** Numbers that a seed fully decides: below `most`, which is at most 2³². */
export type Dice = (most: number) => number;

/** A small generator (mulberry32); its numbers are for tests only. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (most) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * most);
  };
}

/** Bytes that parsers stumble over: lengths, delimiters, ends. */
const INTERESTING = [
  [0],
  [0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  ...[
    '{',
    '}',
    '[[[[[[[[',
    'd',
    'e',
    'le',
    'i-1e',
    'i99999999999999999999e',
    '9999999:',
    '"',
    '\\u0000',
    '1e999',
    'null',
    '\r\n',
    ':',
  ].map((text) => [...Buffer.from(text)]),
];
const MOST_CHANGES = 4;

export function randomBytesOf(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice(256)));
}

/** A copy with a few changes: flipped bits, other bytes, parts that are missing, doubled, moved or put in. */
export function mutate(bytes: Uint8Array, dice: Dice): Buffer {
  let result = Buffer.from(bytes);
  for (let changes = 1 + dice(MOST_CHANGES); changes > 0; changes--) result = changeOnce(result, dice);
  return result;
}

function changeOnce(bytes: Buffer<ArrayBuffer>, dice: Dice): Buffer<ArrayBuffer> {
  const at = dice(bytes.length + 1);
  const end = Math.min(bytes.length, at + dice(1 + Math.min(64, bytes.length)));
  switch (dice(7)) {
    case 0:
      if (at < bytes.length) bytes[at]! ^= 1 << dice(8);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(INTERESTING[dice(INTERESTING.length)]!),
        bytes.subarray(at),
      ]);
    case 5:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(INTERESTING[dice(INTERESTING.length)]!),
        bytes.subarray(end),
      ]);
    default:
      return Buffer.concat([bytes.subarray(0, at), randomBytesOf(dice, 1 + dice(16)), bytes.subarray(at)]);
  }
}
