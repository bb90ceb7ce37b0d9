import { bytesToBase64, bytesToHex, utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { monitorSignedBytes, type RequestAuth, type RequestSigner } from '../rpc/index.ts';

/** How long a subscription lasts, ms; renew it well before (messages §10). */
export const LONGEST_SUBSCRIPTION = 14 * 86_400_000;

/** Who carries the notifications to a device, and how it knows the device there. */
export interface PushService {
  /** E.g. `firebase`; 1 to 32 characters. */
  readonly name: string;
  /** What the service needs to find the device, e.g. `{ token }`. */
  readonly info: Readonly<Record<string, unknown>>;
}

/** What a device wants to be told of. */
export interface PushRegistration {
  /** At least one; any order. */
  readonly namespaces: readonly number[];
  /** Push the message itself with the notification, if it is short enough. */
  readonly withData: boolean;
  readonly service: PushService;
  /** 32 random bytes that the device keeps: notifications are sealed with it. */
  readonly encryptionKey: Uint8Array;
  /** ms. */
  readonly timestamp: number;
}

/** The JSON object of a `POST /subscribe`, or an element of its array. */
export type PushRequest = Readonly<Record<string, unknown>>;

const KEY_BYTES = 32;
const LONGEST_NAME = 32;

/**
 * Subscribes a device to the messages of an account (messages §10).
 * @throws WireError `push` for no namespaces, a key that does not have 32 bytes, or a name of a service that is none.
 */
export function buildSubscribe(signer: RequestSigner, registration: PushRegistration): PushRequest {
  const { withData, service, encryptionKey } = registration;
  const namespaces = [...new Set(registration.namespaces)].sort((a, b) => a - b);
  if (namespaces.length === 0) throw new WireError('push', 'a subscription names at least one namespace');
  if (encryptionKey.length !== KEY_BYTES) throw new WireError('push', 'the key of a subscription has 32 bytes');
  const seconds = inSeconds(registration.timestamp);
  const auth = signer.sign(monitorSignedBytes({ accountId: signer.accountId, namespaces, withData }, seconds));
  return {
    ...proof(signer.accountId, auth),
    namespaces,
    data: withData,
    sig_ts: seconds,
    ...device(service),
    enc_key: bytesToHex(encryptionKey),
  };
}

/** Ends the subscription of a device to an account (messages §10). `timestamp` in ms. @throws WireError `push`. */
export function buildUnsubscribe(
  signer: RequestSigner,
  { service, timestamp }: Pick<PushRegistration, 'service' | 'timestamp'>,
): PushRequest {
  const seconds = inSeconds(timestamp);
  const auth = signer.sign(utf8ToBytes(`UNSUBSCRIBE${signer.accountId}${seconds}`));
  return { ...proof(signer.accountId, auth), sig_ts: seconds, ...device(service) };
}

function proof(accountId: string, { ed25519Key, subaccount, signature }: RequestAuth): PushRequest {
  return {
    pubkey: accountId,
    ...(ed25519Key && { session_ed25519: bytesToHex(ed25519Key) }),
    ...(subaccount && {
      subaccount: bytesToBase64(subaccount.token),
      subaccount_sig: bytesToBase64(subaccount.signature),
    }),
    signature: bytesToBase64(signature),
  };
}

function device({ name, info }: PushService): PushRequest {
  if (name.length === 0 || name.length > LONGEST_NAME) throw new WireError('push', 'a service has a name of 1 to 32');
  return { service: name, service_info: info };
}

function inSeconds(timestamp: number): number {
  return Math.floor(timestamp / 1000);
}
