import { bytesToHex } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import { ConfigObject, type ConfigOptions, decodeDump, encodeDump, type MergeOutcome } from '../object/index.ts';

const NOW = 1_790_000_000_000;

/** Options of a config that belongs to nobody in particular. */
export const PLAIN: ConfigOptions = {
  packing: { domain: 'Test', keys: [new Uint8Array(32).fill(7)], wrapping: null },
};

/** What a swarm keeps of one config; equal messages have one hash, as in the network. */
export class TestSwarm {
  readonly messages = new Map<string, Uint8Array>();

  /** Stores a push, deletes what it replaces and confirms it, unless the answer gets lost on the way. */
  push(device: ConfigObject, answer: 'answered' | 'unanswered' | 'lost' = 'answered'): void {
    const { seqno, messages, obsolete } = device.push(NOW);
    if (answer === 'lost') {
      device.returnObsolete(obsolete);
      return;
    }
    const hashes = messages.map((data) => {
      const hash = bytesToHex(blake2b(32, data));
      this.messages.set(hash, data);
      return hash;
    });
    for (const hash of obsolete) if (!hashes.includes(hash)) this.messages.delete(hash);
    if (answer === 'answered') device.confirm(seqno, hashes);
  }

  /** Gives a device what `order` makes of the messages that there are. */
  poll(device: ConfigObject, order: <T>(messages: T[]) => T[] = (messages) => messages): MergeOutcome {
    const stored = [...this.messages].map(([hash, data]) => ({ hash, data }));
    return device.merge(order(stored), NOW);
  }

  /** Polls and pushes until no device has anything to say. @throws Error if that takes too long. */
  settle(devices: readonly ConfigObject[]): void {
    for (let round = 0; round < 20; round++) {
      for (const device of devices) this.poll(device);
      if (devices.every((device) => !device.needsPush)) return;
      for (const device of devices) if (device.needsPush) this.push(device);
    }
    throw new Error('the devices do not come to an end');
  }
}

/** What a device is after its program was stopped and started again. */
export function restarted(device: ConfigObject, options: ConfigOptions = PLAIN): ConfigObject {
  return new ConfigObject(options, decodeDump(encodeDump(device.snapshot())));
}
