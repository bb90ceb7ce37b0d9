import { BtDictReader, type BtInput, type BtListReader, encodeBt } from '../bt/index.ts';
import { WireError } from '../errors.ts';
import { kindNumber, kindOfNumber, type SyncState } from './state.ts';

/** A request of a client that deleted, shortened or revoked something, as `sn.storage_cc` carries it. */
export interface SignedOperation {
  readonly method: string;
  /** Bencoded, with the client's signature. */
  readonly params: Uint8Array;
}

/** What belongs to the id of a kept message. */
export interface SyncMessage {
  /** 33 bytes. */
  readonly account: Uint8Array;
  readonly namespace: number;
  /** ms. */
  readonly timestamp: number;
  readonly data: Uint8Array;
}

/** A state with what whoever takes it over needs (sync §4). */
export interface SyncContent {
  readonly state: SyncState;
  /** `null` unless the message is kept. */
  readonly message: SyncMessage | null;
  /** What made the state as it is; `null` where no client's request took anything away. */
  readonly operation: SignedOperation | null;
}

/** (sync §4) An operation that made several states is written once. */
export function encodeContents(contents: readonly SyncContent[]): Uint8Array {
  const places = new Map<SignedOperation, number>();
  const states: BtInput[] = contents.map(({ state, message, operation }) => {
    if (operation && !places.has(operation)) places.set(operation, places.size);
    return [
      Buffer.from(state.id, 'base64'),
      state.revision,
      kindNumber(state.kind),
      state.expiry,
      operation ? places.get(operation)! : -1,
      message ? [message.account, message.namespace, message.timestamp, message.data] : [],
    ];
  });
  return encodeBt({ o: [...places.keys()].map(({ method, params }) => [method, params]), s: states });
}

/** Data are views of the bytes. @throws WireError `bt` or `sync` for anything malformed. */
export function decodeContents(bytes: Uint8Array): SyncContent[] {
  const reader = new BtDictReader(bytes);
  const operations = itemsOf(reader.at('o').readList(), (item) => ({
    method: item.readText(),
    params: item.readBytes(),
  }));
  return itemsOf(reader.at('s').readList(), (item): SyncContent => {
    const id = Buffer.from(item.readFixedBytes(32)).toString('base64').slice(0, 43);
    const revision = item.readNumber();
    const kind = kindOfNumber(item.readNumber());
    const expiry = item.readNumber();
    const operation = item.readNumber();
    if (revision < 0 || expiry < 0 || operation >= operations.length) throw new WireError('sync', 'out of range');
    return {
      state: { id, revision, kind, expiry },
      message: readMessage(item.readList()),
      operation: operations[operation] ?? null,
    };
  });
}

function itemsOf<Item>(list: BtListReader, read: (item: BtListReader) => Item): Item[] {
  const items: Item[] = [];
  while (list.next !== 'end') items.push(read(list.readList()));
  return items;
}

function readMessage(item: BtListReader): SyncMessage | null {
  if (item.next === 'end') return null;
  return {
    account: item.readFixedBytes(33),
    namespace: item.readNumber('int16'),
    timestamp: item.readNumber(),
    data: item.readBytes(),
  };
}
