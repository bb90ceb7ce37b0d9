import { decodeBt, encodeBt } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acceptDirectory,
  type DirectoryState,
  GRACE_AFTER_END,
  initialState,
  rememberConflict,
  validityOf,
} from './acceptance.ts';
import { networkId } from './network-file.ts';
import { signDirectory } from './signed-directory.ts';
import { assembleSuccession, encodeSuccession, signSuccession } from './succession.ts';
import {
  CREATED,
  sampleDirectory,
  sampleKey,
  sampleNetwork,
  sampleNodes,
  signedSample,
} from './testing/sample-network.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const nine = sampleNodes(9);
const withCode = (code: string) => expect.objectContaining({ name: 'DirectoryError', code });

/** Takes directories that differ in epoch, time and number of nodes, one after the other. */
function after(state: DirectoryState, ...signed: Uint8Array[]): DirectoryState {
  return signed.reduce((earlier, bytes) => acceptDirectory(earlier, bytes, CREATED), state);
}

describe('signatures', () => {
  const network = sampleNetwork(3, 2);
  const start = initialState(network.file);

  test('a threshold of authorities is enough', () => {
    const bytes = signedSample(network, nine, {}, 2);
    const { accepted } = acceptDirectory(start, bytes, CREATED);
    expect(accepted?.nodes).toHaveLength(9);
    expect(accepted?.bytes).toEqual(bytes);
    expect(accepted?.signers).toHaveLength(2);
  });

  test('fewer are not', () => {
    expect(() => acceptDirectory(start, signedSample(network, nine, {}, 1), CREATED)).toThrow(withCode('signatures'));
    expect(() => acceptDirectory(start, signedSample(network, nine, {}, 0), CREATED)).toThrow(withCode('signatures'));
  });

  test('strangers and spoiled signatures do not count', () => {
    const keys = [network.authorities[0]!, sampleKey('stranger'), sampleKey('another')];
    const strangers = signDirectory(sampleDirectory(network, nine), keys);
    expect(() => acceptDirectory(start, strangers, CREATED)).toThrow(withCode('signatures'));
    const [dict, signatures] = decodeBt(signedSample(network, nine, {}, 2)) as [Uint8Array, [Uint8Array, Uint8Array][]];
    signatures[1]![1] = signatures[0]![1];
    expect(() => acceptDirectory(start, encodeBt([dict, signatures]), CREATED)).toThrow(withCode('signatures'));
  });

  test('no changed byte passes', () => {
    const bytes = signedSample(sampleNetwork(), sampleNodes(2));
    const one = initialState(sampleNetwork().file);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        expect(() => acceptDirectory(one, bytes.with(at, bytes[at]! ^ difference), CREATED)).toThrow(
          expect.objectContaining({ name: 'DirectoryError' }),
        );
      }),
    );
  });
});

test('a directory of another network is refused, though the same authority signed it', () => {
  const network = sampleNetwork();
  const other = { ...network, file: { ...network.file, created: CREATED + 1 } };
  const bytes = signedSample(other, nine);
  expect(() => acceptDirectory(initialState(network.file), bytes, CREATED)).toThrow(withCode('wrong-network'));
});

describe('time', () => {
  const network = sampleNetwork();
  const start = initialState(network.file);
  const bytes = signedSample(network, nine);
  const end = CREATED + 7 * DAY;

  test('an hour before the start is tolerated, more is not', () => {
    expect(acceptDirectory(start, bytes, CREATED - HOUR).accepted).not.toBeNull();
    expect(() => acceptDirectory(start, bytes, CREATED - HOUR - 1)).toThrow(withCode('not-yet-valid'));
  });

  test('thirty days after the end are tolerated, more are not', () => {
    const accepted = acceptDirectory(start, bytes, end + GRACE_AFTER_END).accepted!;
    expect(() => acceptDirectory(start, bytes, end + GRACE_AFTER_END + 1)).toThrow(withCode('expired'));
    expect(validityOf(accepted, end)).toBe('current');
    expect(validityOf(accepted, end + 1)).toBe('late');
    expect(validityOf(accepted, end + GRACE_AFTER_END)).toBe('late');
    expect(validityOf(accepted, end + GRACE_AFTER_END + 1)).toBe('over');
  });
});

describe('epochs', () => {
  const network = sampleNetwork(2, 1);
  const start = initialState(network.file);
  const second = after(start, signedSample(network, nine, { epoch: 2 }));

  test('a later one follows, an earlier one does not', () => {
    expect(after(second, signedSample(network, nine, { epoch: 3 })).accepted?.epoch).toBe(3);
    expect(after(second, signedSample(network, nine, { epoch: 9 })).accepted?.epoch).toBe(9);
    expect(() => after(second, signedSample(network, nine, { epoch: 1 }))).toThrow(withCode('rollback'));
  });

  test('the same epoch is taken only for the same directory, whoever of the authorities signed it', () => {
    expect(after(second, signedSample(network, nine, { epoch: 2 }))).toBe(second);
    expect(after(second, signedSample(network, nine, { epoch: 2 }, 1))).toBe(second);
    expect(() => after(second, signedSample(network, sampleNodes(8), { epoch: 2 }))).toThrow(withCode('conflict'));
  });
});

describe('removal of nodes', () => {
  const network = sampleNetwork(3, 2);
  const signed = (epoch: number, count: number, at = CREATED, signatures = 2) =>
    signedSample(network, sampleNodes(count), { epoch, validFrom: at }, signatures);
  const nineNodes = after(initialState(network.file), signed(1, 9));
  const accept = (state: DirectoryState, bytes: Uint8Array) => acceptDirectory(state, bytes, CREATED + 2 * DAY);

  test('a third within a day passes, more needs every authority', () => {
    expect(accept(nineNodes, signed(2, 6)).accepted?.nodes).toHaveLength(6);
    expect(() => accept(nineNodes, signed(2, 5))).toThrow(withCode('mass-removal'));
    expect(() => accept(nineNodes, signed(2, 5, CREATED + DAY - 1))).toThrow(withCode('mass-removal'));
    expect(accept(nineNodes, signed(2, 5, CREATED, 3)).accepted?.nodes).toHaveLength(5);
  });

  test('what was listed a day ago may be gone', () => {
    expect(accept(nineNodes, signed(2, 1, CREATED + DAY)).accepted?.nodes).toHaveLength(1);
  });

  test('small steps within a day add up', () => {
    const seven = accept(nineNodes, signed(2, 7, CREATED + HOUR));
    const six = accept(seven, signed(3, 6, CREATED + 2 * HOUR));
    expect(six.dropped).toHaveLength(3);
    expect(() => accept(six, signed(4, 5, CREATED + 3 * HOUR))).toThrow(withCode('mass-removal'));
    // A day after the first list its nodes no longer count: one of the six left is less than a third.
    const five = accept(six, signed(4, 5, CREATED + DAY + HOUR));
    expect(five.accepted?.nodes).toHaveLength(5);
  });

  test('nodes that come back are no longer missing', () => {
    const six = accept(nineNodes, signed(2, 6, CREATED + HOUR));
    const again = accept(six, signed(3, 9, CREATED + 2 * HOUR));
    expect(again.dropped).toEqual([]);
    expect(accept(again, signed(4, 6, CREATED + 3 * HOUR)).accepted?.nodes).toHaveLength(6);
  });

  test('replacing nodes is removing them', () => {
    const others = signedSample(network, sampleNodes(9, 100), { epoch: 2 }, 2);
    expect(() => accept(nineNodes, others)).toThrow(withCode('mass-removal'));
  });

  test('one authority alone is every authority', () => {
    const alone = sampleNetwork();
    const state = after(initialState(alone.file), signedSample(alone, nine));
    expect(after(state, signedSample(alone, [], { epoch: 2 })).accepted?.nodes).toEqual([]);
  });
});

describe('succession', () => {
  const network = sampleNetwork(3, 2);
  const id = networkId(network.file);
  const heirs = [sampleKey('heir 0'), sampleKey('heir 1'), sampleKey('heir 2')];
  const authorities = heirs.map(({ publicKey }) => ({ key: bytesToHex(publicKey), urls: ['https://10.0.0.1:4443'] }));
  const dict = encodeSuccession({ networkId: id, number: 1, authorities, threshold: 2 });
  const signedBy = (keys: readonly KeyPair[], bytes = dict) =>
    assembleSuccession(
      bytes,
      keys.map((key) => signSuccession(bytes, key)),
    );
  const chain = [signedBy(network.authorities.slice(0, 2))];
  const start = initialState(network.file);
  const before = after(start, signedSample(network, nine, { epoch: 2 }, 2));
  const next = (signers: readonly KeyPair[], successions = chain, epoch = 3) =>
    signDirectory(sampleDirectory(network, nine, { epoch }), signers, successions);

  test('whoever knows the old authorities believes the new ones, also a newcomer with the first network file', () => {
    for (const state of [start, before]) {
      const { deciding, accepted, successions } = after(state, next(heirs.slice(0, 2)));
      expect(deciding.authorities.map(({ key }) => key).sort()).toEqual(authorities.map(({ key }) => key).sort());
      expect(deciding.authorities[0]?.urls).toEqual(['https://10.0.0.1:4443']);
      expect([accepted?.epoch, successions.length]).toEqual([3, 1]);
    }
  });

  test('from then on the old ones decide nothing', () => {
    expect(() => after(start, next(network.authorities))).toThrow(withCode('signatures'));
    const handedOver = after(before, next(heirs));
    expect(() => after(handedOver, next(network.authorities, [], 4))).toThrow(withCode('signatures'));
    expect(after(handedOver, next(heirs, [], 4)).successions).toHaveLength(1);
  });

  test('the heirs alone, or too few of the old ones, change nothing', () => {
    for (const signers of [heirs, network.authorities.slice(0, 1)]) {
      expect(() => after(start, next(heirs, [signedBy(signers)]))).toThrow(withCode('signatures'));
    }
    expect(() => after(start, next(heirs, []))).toThrow(withCode('signatures'));
  });

  test('another story than the one believed is refused', () => {
    const handedOver = after(before, next(heirs));
    const other = encodeSuccession({ networkId: id, number: 1, authorities: authorities.slice(0, 2), threshold: 2 });
    const fork = [signedBy(network.authorities, other)];
    expect(() => after(handedOver, next(heirs, fork, 4))).toThrow('two successions');
  });

  test('one of another network, or out of turn, is refused', () => {
    const foreign = encodeSuccession({ networkId: new Uint8Array(32), number: 1, authorities, threshold: 2 });
    expect(() => after(start, next(heirs, [signedBy(network.authorities, foreign)]))).toThrow(
      withCode('wrong-network'),
    );
    const second = encodeSuccession({ networkId: id, number: 2, authorities, threshold: 2 });
    expect(() => after(start, next(heirs, [signedBy(network.authorities, second)]))).toThrow(withCode('encoding'));
  });

  test('the number of signatures needed may change', () => {
    const all = encodeSuccession({ networkId: id, number: 1, authorities, threshold: 3 });
    const raised = [signedBy(network.authorities, all)];
    expect(() => after(start, next(heirs.slice(0, 2), raised))).toThrow('signed by 2 of the 3');
    expect(after(start, next(heirs, raised)).deciding.threshold).toBe(3);
  });
});

describe('history', () => {
  const network = sampleNetwork(3, 2);

  test('tells who signed what, two directories of one epoch included', () => {
    const state = after(initialState(network.file), signedSample(network, nine, {}, 2));
    const other = signedSample(network, sampleNodes(8));
    const { history } = rememberConflict(state, other);
    expect(history.map(({ epoch, nodes, conflict }) => [epoch, nodes, conflict])).toEqual([
      [1, 9, false],
      [1, 8, true],
    ]);
    expect(history.map(({ signers }) => signers.length)).toEqual([2, 3]);
    expect(rememberConflict({ ...state, history }, other).history).toBe(history);
  });
});
