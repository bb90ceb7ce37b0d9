import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519KeyPair, ed25519SecretToX25519, x25519KeyPair } from '@sotto/wire/crypto';
import { expect } from 'vitest';
import { ConfigError } from '../errors.ts';
import { encodeMessage } from '../message/encode-message.ts';
import { draftAfter, finishDraft, LAG } from '../message/index.ts';
import { ConfigObject, type ConfigOptions, decodeDump, encodeDump, type StoredMessage } from '../object/index.ts';
import { compress, decompress } from '../pack/compress.ts';
import { splitIntoParts, wholeHash } from '../pack/multipart.ts';
import { unpack } from '../pack/pack.ts';
import { pad } from '../pack/padding.ts';
import { open, seal } from '../pack/seal.ts';
import { type ConfigAccount, USER_CONFIGS, userConfigOptions } from '../user-config.ts';
import { EMPTY_DICT } from '../values/index.ts';
import { edits } from './vector-edits.ts';
import { ANY_TIME, type Item, type Step, type VectorCase } from './vector-types.ts';
import { views } from './vector-view.ts';

interface Device {
  readonly type: string;
  readonly seed: string;
  readonly options: ConfigOptions;
  /** Storage hashes of own pushes that came back before they were confirmed. */
  readonly echoes: Set<string>;
  /** Whether a state of the reference was put in the place of the own one; then nobody knows what it last dumped. */
  standIn: boolean;
  config: ConfigObject;
}

/** The keys of the account that an Ed25519 seed makes. */
export function accountOf(seedHex: string): ConfigAccount {
  const ed25519 = ed25519KeyPair(hexToBytes(seedHex));
  return { ed25519, x25519: x25519KeyPair(ed25519SecretToX25519(ed25519.secretKey)) };
}

/** Plays a case of several devices and checks every step. @throws Error for a step that it does not know. */
export function playDevices(vector: VectorCase): void {
  const now = vector.now_ms ?? ANY_TIME;
  const devices = new Map<string, Device>();
  const pushes = new Map<string, readonly Uint8Array[]>();
  for (const step of vector.steps!) {
    if (step.op === 'new') {
      devices.set(step.dev, newDevice(step.type, step.seed));
    } else if (step.op === 'load') {
      devices.set(step.dev, reload(devices.get(step.from)!));
      checkFlags(devices.get(step.dev)!, step.expect);
    } else if (step.op === 'multipart') {
      pushes.set(step.as, multipart(step));
    } else {
      playStep(step, devices.get(step.dev)!, pushes, now);
    }
  }
}

function playStep(step: Step, device: Device, pushes: Map<string, readonly Uint8Array[]>, now: number): void {
  const { config } = device;
  const edit = edits[step.op];
  if (edit) {
    checkEdit(() => edit(config, step, now), step.expect);
  } else if (step.op === 'push') {
    const messages = checkPush(device, step, now);
    if (step.as) pushes.set(step.as, messages);
  } else if (step.op === 'confirm') {
    config.confirm(BigInt(step.seqno), step.hashes);
  } else if (step.op === 'merge') {
    checkMerge(device, step, pushes, now);
  } else if (step.op === 'dump') {
    const { original, base, message, ...rest } = decodeDump(encodeDump(config.snapshot()));
    expect(rest).toEqual((({ original, base, message, ...same }) => same)(config.snapshot()));
    expect(message.bytes).toEqual(config.message.bytes);
  } else if (step.op !== 'state') {
    throw new Error(`unknown step: ${step.op}`);
  }
  checkFlags(device, step.expect);
  if (step.expect.view !== undefined) expect(views[device.type]!(device.config)).toEqual(step.expect.view);
  if (step.op !== 'push' && step.expect.plaintext !== undefined) {
    expect(canonical(device.config)).toBe(step.expect.plaintext);
  }
}

function newDevice(type: string, seed: string): Device {
  const description = USER_CONFIGS.find(({ name }) => name === type);
  if (!description) throw new Error(`unknown type of config: ${type}`);
  const options = userConfigOptions(description, accountOf(seed));
  return { type, seed, options, echoes: new Set(), standIn: false, config: new ConfigObject(options) };
}

/**
 * Dumps and loads, which gives the same state. Only a dirty config is not as in the reference, which puts a further
 * revision upon the one that was never sent: from here on that one is checked.
 */
function reload(device: Device): Device {
  const snapshot = decodeDump(encodeDump(device.config.snapshot()));
  const config = new ConfigObject(device.options, snapshot);
  expect(config.state).toBe(device.config.state);
  expect(config.message.bytes).toEqual(device.config.message.bytes);
  if (config.state !== 'dirty') return { ...device, config };
  const message = finishDraft(draftAfter(snapshot.message, LAG), null);
  return { ...device, config: new ConfigObject(device.options, { ...snapshot, message, original: message.data }) };
}

/** The current revision as the encoder writes it, whatever was received. */
function canonical(config: ConfigObject): string {
  const { message } = config;
  return bytesToHex(encodeMessage(message, message.diff, null).bytes);
}

function checkEdit(edit: () => boolean | undefined, expected: Item): void {
  if (expected.error !== undefined) expect(edit).toThrow(ConfigError);
  else expect(edit()).toBe(expected.erased);
}

function checkPush(device: Device, step: Step, now: number): readonly Uint8Array[] {
  const { config, options, type } = device;
  const { expect: expected } = step;
  const obsolete = withoutEchoes(device, expected.obsolete);
  const push = config.push(now);
  const { message } = config;
  expect(push.seqno).toBe(BigInt(expected.seqno));
  expect([...push.obsolete].sort()).toEqual(obsolete);
  expect(USER_CONFIGS.find(({ name }) => name === type)!.namespace).toBe(expected.namespace);
  expect(message.hash).toBe(expected.config_hash);
  if (expected.plaintext !== undefined) expect(bytesToHex(message.bytes)).toBe(expected.plaintext);
  if (expected.plaintext_len !== undefined) expect(message.bytes.length).toBe(expected.plaintext_len);
  if (push.messages.length === 1) checkSingle(push.messages[0]!, message.bytes, expected, options);
  else checkParts(push.messages, message.bytes, expected, options);
  return expected.messages?.map(hexToBytes) ?? (expected.message ? [hexToBytes(expected.message)] : push.messages);
}

function checkSingle(stored: Uint8Array, plaintext: Uint8Array, expected: Item, options: ConfigOptions): void {
  // Another version of zstd gives other bytes; then what the reference sent must at least unpack to the same.
  if (expected.message !== undefined) {
    expect(decompress(unpack(hexToBytes(expected.message), options.packing))).toEqual(plaintext);
  }
  expect(decompress(unpack(stored, options.packing))).toEqual(plaintext);
  if (expected.compressed) return;
  if (expected.unpadded_len !== undefined) expect(compress(plaintext).length).toBe(expected.unpadded_len);
  if (expected.padded !== undefined) expect(bytesToHex(pad(plaintext))).toBe(expected.padded);
  if (expected.message !== undefined) expect(bytesToHex(stored)).toBe(expected.message);
  if (expected.encrypted !== undefined) {
    expect(bytesToHex(seal(pad(plaintext), options.packing.keys[0]!, options.packing.domain))).toBe(expected.encrypted);
  }
}

function checkParts(
  stored: readonly Uint8Array[],
  plaintext: Uint8Array,
  expected: Item,
  options: ConfigOptions,
): void {
  expect(stored.map((part) => part.length)).toEqual(expected.parts.map((part: Item) => part.size));
  for (const parts of [stored, expected.messages?.map(hexToBytes) ?? stored]) {
    const reader = new ConfigObject(options);
    const inputs = [...parts.entries()].map(([index, data]) => ({ hash: `part ${index}`, data }));
    expect(reader.merge(inputs, ANY_TIME).accepted.size).toBe(parts.length);
    expect(reader.message.bytes).toEqual(plaintext);
  }
}

function checkMerge(device: Device, step: Step, pushes: Map<string, readonly Uint8Array[]>, now: number): void {
  const { config } = device;
  const stateBefore = config.state;
  const before = bytesToHex(config.message.bytes);
  const inputs: StoredMessage[] = step.messages.map(({ hash, ref, part, data }: Item) => ({
    hash,
    data: data === undefined ? pushes.get(ref)![part ?? 0]! : hexToBytes(data),
  }));
  if (stateBefore === 'waiting') for (const hash of echoesAmong(inputs, device)) device.echoes.add(hash);
  const { accepted } = config.merge(inputs, now);
  // Where the reference throws or never returns, the input is refused and nothing changes.
  expect([...accepted].sort()).toEqual(step.expect.accepted ?? []);
  if (step.expect.must !== undefined) expect(bytesToHex(config.message.bytes)).toBe(before);
  if (stateBefore === 'dirty' && device.config.state === 'clean')
    device.config = withEmptyRevision(device, step.expect);
  if (step.expect.active_hashes !== undefined) {
    expect([...device.config.activeHashes].sort()).toEqual(step.expect.active_hashes);
  }
}

function echoesAmong(inputs: readonly StoredMessage[], { config, options }: Device): string[] {
  const own = bytesToHex(config.message.bytes);
  return inputs.flatMap(({ hash, data }) => {
    const read = new ConfigObject(options);
    read.merge([{ hash, data }], ANY_TIME);
    return bytesToHex(read.message.bytes) === own ? [hash] : [];
  });
}

/**
 * Where an edit was too old, the reference holds an empty revision upon the message that it adopts, but no other device
 * sees that. We adopt the message as it is (config §8); the case goes on from the reference's state.
 */
function withEmptyRevision(device: Device, expected: Item): ConfigObject {
  const { config, options } = device;
  if (BigInt(expected.flags.seqno) === config.seqno) return config;
  device.standIn = true;
  const message = finishDraft(draftAfter(config.message, LAG), null);
  return new ConfigObject(options, { ...config.snapshot(), message, original: EMPTY_DICT });
}

function checkFlags(device: Device, { flags }: Item): void {
  if (!flags) return;
  const { config } = device;
  expect({
    seqno: config.seqno,
    state: config.state,
    needs_push: config.needsPush,
    needs_dump: device.standIn ? null : config.needsDump,
    curr_hashes: [...config.currentHashes].sort(),
    obsolete_pending: [...config.obsoleteHashes].sort(),
  }).toEqual({
    seqno: BigInt(flags.seqno),
    state: flags.state,
    needs_push: flags.needs_push,
    needs_dump: device.standIn ? null : flags.needs_dump,
    curr_hashes: flags.curr_hashes,
    obsolete_pending: withoutEchoes(device, flags.obsolete_pending),
  });
}

/** The reference gives the own push for deletion when it is polled back before it is confirmed; we do not (config §8). */
function withoutEchoes({ config, echoes }: Device, hashes: readonly string[]): string[] {
  return hashes.filter((hash) => !echoes.has(hash) || config.obsoleteHashes.has(hash)).sort();
}

/** Makes the parts of a step by hand, with chunks of its sizes. */
function multipart({ whole, sizes, seed, domain, trail = 0, expect: expected }: Step): readonly Uint8Array[] {
  const bytes = hexToBytes(whole);
  expect(bytesToHex(blake2b(32, bytes))).toBe(expected.hash);
  const uniform = splitIntoParts(bytes, wholeHash(bytes), sizes[0]);
  return expected.parts.map((part: string, index: number) => {
    const plaintext = open(hexToBytes(part), hexToBytes(seed), domain)!;
    expect(bytesToHex(plaintext)).toBe(expected.part_plaintexts[index]);
    if (sizes.every((size: number) => size === sizes[0])) {
      expect(bytesToHex(plaintext)).toBe(bytesToHex(uniform[index]!) + '00'.repeat(trail));
    }
    expect(bytesToHex(seal(plaintext, hexToBytes(seed), domain))).toBe(part);
    return hexToBytes(part);
  });
}
