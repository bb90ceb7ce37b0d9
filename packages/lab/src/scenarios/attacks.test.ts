import { randomBytes } from 'node:crypto';
import {
  type AdmittedNode,
  composeDirectory,
  crossCheckDirectory,
  DESCRIPTOR_PATH,
  type Directory,
  DirectoryStore,
  directorySignature,
  httpsFetcher,
  inviteBytes,
  type NodeDescriptor,
  refreshDirectory,
  signDescriptor,
  signDirectory,
  signRoundMessage,
  signVote,
  type VoteContent,
  verifyRoundMessage,
  verifyVote,
} from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair, type KeyPair } from '@sotto/wire/crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { askHttps, type HttpsAnswer } from '../testing/ask-https.ts';
import { OwnNetwork } from '../testing/own-network.ts';

const ROUND = 1500;
const PATIENCE = { timeout: 60_000, interval: 100 };
const FIVE_MINUTES = 300_000;
const NODES = [0, 1, 2, 3];
const [HONEST, OTHER, LIAR] = [0, 1, 2] as const;
const never = new AbortController().signal;

/** One network for all attacks. Its authorities' clocks differ by five minutes from beginning to end. */
const network = new OwnNetwork({
  authorities: 3,
  threshold: 2,
  nodes: 6,
  roundLength: ROUND,
  clockErrors: [0, FIVE_MINUTES, -FIVE_MINUTES],
});

const nameOf = (authority: number) => bytesToHex(network.keys[authority]!.publicKey);
const newest = (authority: number = HONEST) => network.directoryAt(network.authorityUrl(authority));
const epochOf = async (authority: number) => (await newest(authority)).epoch;
const addressesOf = ({ nodes }: Directory) => nodes.map(({ ip, httpsPort }) => `${ip}:${httpsPort}`).sort();
const addressOf = (index: number) => network.nodeUrl(index).replace('https://', '');
const honestNodes = () => NODES.map(addressOf).sort();

/** Resolves once an authority has this many newer directories. */
async function moreRounds(count: number, authority: number = HONEST): Promise<void> {
  const before = await epochOf(authority);
  await vi.waitFor(async () => expect(await epochOf(authority)).toBeGreaterThanOrEqual(before + count), PATIENCE);
}

/** A node that exists in a directory only. */
function ghost(): AdmittedNode {
  const { publicKey } = ed25519KeyPair(randomBytes(32));
  return { ed25519Key: publicKey, ip: '127.0.66.6', httpsPort: 22_021, omqPort: 22_020, version: [2, 11, 3] };
}

/** What some authorities can sign whenever they like, after a directory and with other nodes. */
function forge(previous: Directory, nodes: readonly AdmittedNode[], signers: readonly number[]): Uint8Array {
  const { networkId, parameters } = previous;
  const directory = composeDirectory({ networkId, previous, nodes, parameters, now: Date.now() });
  return signDirectory(
    directory,
    signers.map((index) => network.keys[index]!),
  );
}

/** The liar signs its votes anew with other content, the same or another to each of the others. */
function lie(change: (content: VoteContent, to: number) => VoteContent): void {
  for (const to of [HONEST, OTHER]) {
    network.link(LIAR, to).change = (bytes) => {
      const message = verifyRoundMessage(bytes);
      if (!message.vote) return [bytes];
      const vote = verifyVote(message.vote);
      if (bytesToHex(vote.authority) !== nameOf(LIAR)) return [bytes];
      const keys = network.keys[LIAR]!;
      return [signRoundMessage({ ...message, vote: signVote({ ...vote, ...change(vote, to) }, keys) }, keys)];
    };
  }
}

beforeAll(async () => {
  await network.open();
  await Promise.all(NODES.map((index) => network.startNode(index, network.invite(index % 3))));
});

afterEach(() => {
  for (const from of [0, 1, 2]) {
    for (const to of [0, 1, 2]) {
      const link = network.link(from, to);
      link.isCut = false;
      link.directory = null;
      link.change = (message) => [message];
    }
  }
});

afterAll(() => network.close());

test('authorities whose clocks differ by five minutes agree, by the clock in the middle', async () => {
  await vi.waitFor(async () => {
    const directory = await newest();
    expect(addressesOf(directory)).toEqual(honestNodes());
    expect(directory.signers).toHaveLength(3);
    expect(Math.abs(directory.validFrom - Date.now())).toBeLessThan(60_000);
  }, PATIENCE);
});

describe('one authority of three that lies', () => {
  test('can neither add a node nor drop one', async () => {
    const added = { node: ghost(), time: Date.now(), reachable: true };
    let lies = 0;
    lie((content) => {
      lies += 1;
      return { ...content, nodes: [added, ...content.nodes.slice(1).map((each) => ({ ...each, reachable: false }))] };
    });
    await moreRounds(3);
    expect(lies).toBeGreaterThan(3);
    expect(addressesOf(await newest())).toEqual(honestNodes());
  });

  test('that votes in two ways is found out, and the others go on without it', async () => {
    lie((content, to) => (to === HONEST ? { ...content, nodes: [] } : content));
    await vi.waitFor(async () => {
      const { evidence } = await network.statusOf(HONEST);
      expect(evidence).toContainEqual(expect.objectContaining({ authority: nameOf(LIAR).slice(0, 16), what: 'votes' }));
    }, PATIENCE);
    await moreRounds(2);
    expect(addressesOf(await newest())).toEqual(honestNodes());
    const { round } = await network.statusOf(HONEST);
    expect(round?.voters).toEqual([nameOf(HONEST), nameOf(OTHER)].sort());
  });

  test('that signs two lists for one epoch is found out, and reaches no threshold with its own', async () => {
    const keys = network.keys[LIAR]!;
    network.link(LIAR, HONEST).change = (bytes) => {
      const message = verifyRoundMessage(bytes);
      if (!message.result) return [bytes];
      const digest = new Uint8Array(randomBytes(32));
      const result = { digest, ...directorySignature(digest, keys) };
      return [signRoundMessage({ ...message, result }, keys), bytes];
    };
    await vi.waitFor(async () => {
      const { evidence } = await network.statusOf(HONEST);
      expect(evidence.map(({ what }) => what)).toContain('results');
    }, PATIENCE);
    await moreRounds(1);
    expect(addressesOf(await newest())).toEqual(honestNodes());
    const client = await network.newcomer(network.authorityUrl(HONEST));
    const alone = forge(client.accepted()!, [ghost()], [LIAR]);
    await expect(client.offer(alone)).rejects.toMatchObject({ code: 'signatures' });
  });

  test('that replays an old list holds nobody back who has seen a newer one, or asks a second party', async () => {
    const { bytes: old, epoch: oldEpoch } = await newest();
    await moreRounds(2);
    for (const to of [HONEST, OTHER]) network.link(to, LIAR).directory = old;
    const client = await network.newcomer(network.authorityUrl(HONEST));
    const { epoch } = client.accepted()!;
    await expect(client.offer(old)).rejects.toMatchObject({ code: 'rollback' });
    expect(client.accepted()!.epoch).toBe(epoch);
    const stranger = await DirectoryStore.open({ networkFile: network.file });
    const replaying = async () => old;
    await refreshDirectory(stranger, [replaying], never);
    expect(stranger.accepted()!.epoch).toBe(oldEpoch);
    await crossCheckDirectory(stranger, [replaying, httpsFetcher(network.authorityUrl(OTHER))], never);
    expect(stranger.accepted()!.epoch).toBeGreaterThan(oldEpoch);
    await moreRounds(2);
  });
});

describe('two authorities of three that collude', () => {
  test('can add a node, and everybody sees who signed that; honest rounds drop it again', async () => {
    const before = await newest();
    const node = ghost();
    const forged = forge({ ...before, epoch: before.epoch + 5 }, [...before.nodes, node], [OTHER, LIAR]);
    const client = await network.newcomer(network.authorityUrl(HONEST));
    expect(await client.offer(forged)).toBe(true);
    const colluders = [nameOf(OTHER), nameOf(LIAR)].sort();
    expect(client.history().at(-1)).toMatchObject({ signers: colluders, nodes: NODES.length + 1, conflict: false });
    network.link(HONEST, LIAR).directory = forged;
    await vi.waitFor(async () => expect(await epochOf(HONEST)).toBeGreaterThan(before.epoch + 5), PATIENCE);
    network.link(HONEST, LIAR).directory = null;
    await vi.waitFor(async () => expect(addressesOf(await newest())).toEqual(honestNodes()), PATIENCE);
  });

  test('cannot drop more than a third of the nodes without the third one', async () => {
    const client = await network.newcomer(network.authorityUrl(HONEST));
    const previous = client.accepted()!;
    const few = previous.nodes.slice(0, 1);
    await expect(client.offer(forge(previous, few, [OTHER, LIAR]))).rejects.toMatchObject({ code: 'mass-removal' });
    expect(await client.offer(forge(previous, few, [HONEST, OTHER, LIAR]))).toBe(true);
  });

  test('cannot show two lists with one number to people who ask more than one party', async () => {
    const client = await network.newcomer(network.authorityUrl(HONEST));
    const previous = client.accepted()!;
    await client.offer(forge(previous, previous.nodes, [OTHER, LIAR]));
    const second = forge(previous, [...previous.nodes, ghost()], [OTHER, LIAR]);
    await expect(client.offer(second)).rejects.toMatchObject({ code: 'conflict' });
    const signers = [nameOf(OTHER), nameOf(LIAR)].sort();
    expect(client.history().at(-1)).toMatchObject({ conflict: true, signers, epoch: previous.epoch + 1 });
  });
});

describe('a partition', () => {
  test('that cuts one authority off stops nobody else, and heals', async () => {
    network.cutOff(LIAR);
    const before = await epochOf(LIAR);
    await vi.waitFor(async () => expect((await newest()).signers).toHaveLength(2), PATIENCE);
    await moreRounds(2);
    expect(await epochOf(LIAR)).toBeLessThanOrEqual(before + 1);
    network.cutOff(LIAR, false);
    await vi.waitFor(async () => {
      const [here, there] = [await newest(), await newest(LIAR)];
      expect(here.signers).toHaveLength(3);
      expect(there.digest).toEqual(here.digest);
    }, PATIENCE);
  });

  test('of all from all leaves everybody with the last list, which goes on to work, and heals', async () => {
    for (const index of [0, 1, 2]) network.cutOff(index);
    await vi.waitFor(async () => {
      for (const index of [0, 1, 2]) expect((await network.statusOf(index)).round?.result).toBe('too-few-votes');
    }, PATIENCE);
    const { epoch, digest } = await newest();
    const mirrored = await network.directoryAt(network.nodeUrl(1));
    expect(mirrored.epoch).toBeLessThanOrEqual(epoch);
    expect(addressesOf(mirrored)).toEqual(honestNodes());
    for (const index of [0, 1, 2]) network.cutOff(index, false);
    await moreRounds(2, OTHER);
    const client = await network.newcomer(network.authorityUrl(OTHER));
    expect(client.accepted()!.digest).not.toEqual(digest);
    await vi.waitFor(async () => expect((await newest()).signers).toHaveLength(3), PATIENCE);
  });
});

describe('nodes that lie', () => {
  const describeNode = (
    keys: KeyPair,
    changes: Partial<NodeDescriptor> & { readonly place: Partial<AdmittedNode> },
  ) => {
    const { place, ...others } = changes;
    const node = { ...ghost(), ...place, ed25519Key: keys.publicKey };
    return signDescriptor({ networkId: network.id, node, time: Date.now(), invite: null, ...others }, keys);
  };
  const send = (authority: number, body: Uint8Array, localAddress?: string): Promise<HttpsAnswer> =>
    askHttps(new URL(DESCRIPTOR_PATH, network.authorityUrl(authority)), {
      method: 'POST',
      body,
      ...(localAddress !== undefined && process.platform === 'linux' && { localAddress }),
    });

  test('about their address are not believed: whoever answers there must have their key', async () => {
    const keys = ed25519KeyPair(randomBytes(32));
    const { address: ip, httpsPort, omqPort } = network.places[0]!;
    const invite = inviteBytes(network.invite());
    for (const authority of [0, 1, 2]) {
      const answer = await send(authority, describeNode(keys, { place: { ip, httpsPort, omqPort }, invite }));
      expect(answer.status).toBe(403);
      expect(answer.body.toString()).toContain('cannot reach the node');
    }
    await moreRounds(2);
    const { nodes } = await newest();
    expect(nodes.some(({ ed25519Key }) => equalBytes(ed25519Key, keys.publicKey))).toBe(false);
    expect(nodes).toHaveLength(NODES.length);
  });

  test('a thousand forged descriptors are refused while rounds go on', async () => {
    const before = await epochOf(HONEST);
    const invite = inviteBytes(network.invite());
    const statuses = new Map<number, number>();
    const genuine = describeNode(ed25519KeyPair(randomBytes(32)), { place: {}, invite });
    const forgery = (index: number): Uint8Array => {
      const place = { ip: '127.0.66.6', httpsPort: 1 + index, omqPort: 2 };
      const kinds = [
        () => genuine.with(20 + (index % 200), genuine[20 + (index % 200)]! ^ 1),
        () => describeNode(ed25519KeyPair(randomBytes(32)), { place }),
        () => describeNode(ed25519KeyPair(randomBytes(32)), { place, invite: new Uint8Array(randomBytes(91)) }),
        () => describeNode(ed25519KeyPair(randomBytes(32)), { place, invite }),
      ];
      return kinds[index % kinds.length]!();
    };
    for (let sent = 0; sent < 1000; sent += 50) {
      const batch = Array.from({ length: 50 }, (_, index) =>
        // From many addresses, so that the limit of one address is not all that helps.
        send(HONEST, forgery(sent + index), `127.0.77.${1 + (index % 20)}`),
      );
      for (const { status } of await Promise.all(batch)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    for (const status of statuses.keys()) expect([400, 403, 429, 503]).toContain(status);
    expect(statuses.get(403)).toBeGreaterThan(300);
    await vi.waitFor(async () => expect(await epochOf(HONEST)).toBeGreaterThan(before + 2), PATIENCE);
    expect(addressesOf(await newest())).toEqual(honestNodes());
    expect((await network.statusOf(HONEST)).nodes).toHaveLength(NODES.length);
  });

  test('that use one invite in two places at once get one of them in', async () => {
    const code = network.invite(OTHER);
    const only = (...told: readonly number[]) => ({
      ...network.file,
      authorities: network.file.authorities.map((each, place) => (told.includes(place) ? each : { ...each, urls: [] })),
    });
    // Each tells two of the three, so each would have a majority by itself.
    await Promise.all([network.startNode(4, code, only(HONEST, OTHER)), network.startNode(5, code, only(OTHER, LIAR))]);
    const listed = async () =>
      addressesOf(await newest()).filter((each) => [addressOf(4), addressOf(5)].includes(each));
    await vi.waitFor(async () => expect(await listed()).toHaveLength(1), PATIENCE);
    const winner = await listed();
    await moreRounds(3);
    expect(await listed()).toEqual(winner);
  });
});
