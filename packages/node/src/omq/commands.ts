import { WireError } from '@sotto/wire';
import { BtDictReader, encodeBt } from '@sotto/wire/bt';
import { bytesToHex } from '@sotto/wire/bytes';
import { METHODS, RpcFailure, readOmqParams } from '@sotto/wire/rpc';
import { replyParts } from '../handler/envelope.ts';
import type { StorageHandler } from '../handler/handler.ts';
import { failure } from '../handler/rpc-reply.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { RateLimiter } from '../net/rate-limiter.ts';
import type { OnionReply, OnionRouter } from '../onion/onion-router.ts';
import { versionNumber } from '../swarm/handshake.ts';
import type { SyncCommand } from '../swarm/synchroniser.ts';
import { omqCaller } from '../waiting/caller.ts';
import type { OmqCaller, OmqCategory, OmqHandler, OmqReply } from './omq-endpoint.ts';

/** What the commands of a storage node lead to. */
export interface CommandTargets {
  readonly handler: Pick<StorageHandler, 'handle' | 'handleForwarded'>;
  readonly onions: Pick<OnionRouter, 'hop'>;
  readonly monitor: Pick<Monitor, 'subscribe'>;
  readonly version: readonly [number, number, number];
  /** Another node has tested whether this one can be reached. */
  onPing(): void;
  /** The statistics for operators as JSON (storage-rpc §11). */
  stats(): Promise<string>;
  /** Stores what another node pushes; gives the text of the reply. */
  receiveData(parts: readonly Uint8Array[]): Promise<string>;
  /** Another node (X25519 key) wants to shake hands; gives `null` or the text of the refusal (node-network §5.5). */
  dataReady(key: Uint8Array, wantsEverything: boolean): string | null;
  /** Another node compares its store with ours (sync §2 to §4). */
  sync(what: SyncCommand, key: Uint8Array, data: readonly Uint8Array[]): OmqReply;
  /** Absent: no limit. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly monotonicNow: () => number;
}

const NODE_QUEUE = 1000;
/** Onions are mostly waited for: they must not take the places of what costs work. */
const ONION_QUEUE = 10_000;
const CLIENT_QUEUE = 2000;
const MONITOR_QUEUE = 500;
const SERVICE_QUEUE = 10;

/** The commands of a storage node (node-network §5). */
export function storageCommands(targets: CommandTargets): Record<string, OmqCategory> {
  return {
    sn: {
      access: 'none',
      remoteServiceNode: true,
      queue: NODE_QUEUE,
      ownQueues: { onion_request: ONION_QUEUE },
      handlers: {
        ping: () => {
          targets.onPing();
          return [Buffer.from('pong')];
        },
        data: async (data) => [Buffer.from(await targets.receiveData(data))],
        data_ready: ([payload], caller) => dataReady(payload, caller, targets),
        onion_request: (data, { key, returnPath }) =>
          targets.onions.hop(data, omqCaller(bytesToHex(key), true, returnPath)).then(onionParts),
        storage_cc: (data) => forwarded(data, targets),
        sync_ranges: (data, { key }) => targets.sync('ranges', key, data),
        sync_states: (data, { key }) => targets.sync('states', key, data),
        sync_contents: (data, { key }) => targets.sync('contents', key, data),
        sync_now: (data, { key }) => targets.sync('now', key, data),
        sync_wanted: (data, { key }) => targets.sync('wanted', key, data),
      },
    },
    storage: {
      access: 'none',
      queue: CLIENT_QUEUE,
      handlers: Object.fromEntries(METHODS.map((method) => [method, clientRequest(method, targets)])),
    },
    monitor: {
      access: 'none',
      queue: MONITOR_QUEUE,
      handlers: { messages: (data, caller) => subscribe(data, caller, targets) },
    },
    service: {
      access: 'admin',
      queue: SERVICE_QUEUE,
      handlers: { get_stats: async () => [Buffer.from(await targets.stats())] },
    },
  };
}

function onionParts({ status, body }: OnionReply): Uint8Array[] {
  return [Buffer.from(String(status)), typeof body === 'string' ? Buffer.from(body) : body];
}

/** `storage.<method>`: nothing or one part of parameters (storage-rpc §2.3). */
function clientRequest(method: string, { handler, rateLimiter, monotonicNow }: CommandTargets): OmqHandler {
  return async (data, { address, returnPath }) => {
    if (data.length > 1) {
      const text = `Invalid request: expected 1 message parts, received ${data.length}`;
      return replyParts(failure(400, text), 'json');
    }
    if (rateLimiter && !rateLimiter.allows(address, monotonicNow())) {
      return replyParts(failure(429, 'Too many requests, try again later'), 'json');
    }
    try {
      const params = readOmqParams(data[0] ?? new Uint8Array());
      return replyParts(await handler.handle(method, params, omqCaller(address, false, returnPath)), params.format);
    } catch (error) {
      if (error instanceof RpcFailure) return replyParts(failure(error.status, error.text), 'json');
      throw error;
    }
  };
}

/** `monitor.messages`: exactly one part; anything else is refused like a part of a wrong form (storage-rpc §10). */
async function subscribe(
  data: readonly Uint8Array[],
  { returnPath }: OmqCaller,
  { monitor }: CommandTargets,
): Promise<Uint8Array[] | null> {
  const request = data.length === 1 ? data[0]! : new Uint8Array();
  const reply = await monitor.subscribe(request, returnPath);
  return reply && [reply];
}

/** `sn.storage_cc`: method and parameters (node-network §5.4). */
async function forwarded(data: readonly Uint8Array[], { handler }: CommandTargets): Promise<Uint8Array[]> {
  const [method, params] = data;
  if (!method || !params || data.length !== 2) {
    return replyParts(failure(400, `Invalid request: expected 2 message parts, received ${data.length}`), 'bt');
  }
  return replyParts(await handler.handleForwarded(Buffer.from(method).toString('latin1'), params), 'bt');
}

/** `sn.data_ready`: no data, or a dict whose `t` is 1 when the caller wants what we keep (node-network §5.5). */
function dataReady(payload: Uint8Array | undefined, { key }: OmqCaller, targets: CommandTargets): Uint8Array[] {
  let wantsEverything = false;
  try {
    const reader = payload && new BtDictReader(payload);
    if (reader?.skipTo('t')) wantsEverything = reader.readBoolean();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return [Buffer.from('Request payload malformed')];
  }
  const refusal = targets.dataReady(key, wantsEverything);
  if (refusal !== null) return [Buffer.from(refusal)];
  return [Buffer.from('OK'), Buffer.from(encodeBt({ '#': versionNumber(targets.version) }))];
}
