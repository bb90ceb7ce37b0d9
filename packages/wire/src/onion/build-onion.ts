import { bytesToHex, type Random, wipe } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { type LayerKey, openWithKey } from './cipher.ts';
import { buildLayer } from './layer.ts';
import { type NodeReply, openNodeReply } from './node-reply.ts';
import { jsonPadding } from './padding.ts';
import { encodePayload } from './payload.ts';
import { sizeClass } from './size-class.ts';
import { decodeV4Reply, type V4Reply } from './v4-reply.ts';
import { encodeV4Request, type V4Request } from './v4-request.ts';

/** The keys of a node on the path, 32 bytes each. */
export interface OnionNode {
  readonly ed25519Key: Uint8Array;
  readonly x25519Key: Uint8Array;
}

/** A storage node that runs an RPC; `body` is the request JSON in UTF-8. */
export interface NodeDestination extends OnionNode {
  readonly kind: 'node';
  readonly body: Uint8Array;
}

/** A community or file server behind the path's last node. */
export interface ServerDestination {
  readonly kind: 'server';
  readonly x25519Key: Uint8Array;
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly request: V4Request;
}

/** Who gets what, and over which nodes, the guard first. */
export interface OnionRequest<Destination = NodeDestination | ServerDestination> {
  readonly path: readonly OnionNode[];
  readonly destination: Destination;
  readonly random: Random;
  /** A false start of the hop counter, best 0–12 at random (onion-requests §7.4.2); left out of the request if absent. */
  readonly hopNumber?: number;
  /** Pad so that the body's size tells a class only (onion-requests §7.4.3). */
  readonly padTo?: 'size-class';
}

/** A request ready to post to the guard, and the only thing that can open its answer. */
export interface Onion<Reply> {
  /** The body of `POST /onion_req/v2`. */
  readonly body: Uint8Array;
  /**
   * Opens the body of an HTTP 200 answer; works once, then the key is forgotten.
   * @throws WireError `onion` for bytes that the destination did not seal in answer to this request, or a second call.
   */
  openReply(bytes: Uint8Array): Reply;
  /** Forgets the key of a request whose answer is no longer awaited. */
  forget(): void;
}

const SERVER_TARGET = '/oxen/v4/lsrpc';
const PREFIX_BYTES = 4;
/** Nonce and tag of xchacha20. */
const SEAL_BYTES = 40;
const ANY_KEY = new Uint8Array(32);

/**
 * Builds a request (onion-requests §1.4): xchacha20 and a fresh key in every layer, `enc_type` always written.
 * Draws from `random`, innermost layer first, per layer 32 bytes for its secret key and 24 for its nonce.
 * @throws WireError `onion` if the request exceeds 10 MiB or the path is empty; `key` if a public key is unusable.
 */
export function buildOnion(request: OnionRequest<NodeDestination>): Onion<NodeReply>;
export function buildOnion(request: OnionRequest<ServerDestination>): Onion<V4Reply>;
export function buildOnion(request: OnionRequest): Onion<NodeReply> | Onion<V4Reply>;
export function buildOnion(request: OnionRequest): Onion<NodeReply> | Onion<V4Reply> {
  const { path, destination, random } = request;
  if (path.length === 0) throw new WireError('onion', 'a path has at least one node');
  const { plaintext, slack } = fitPlaintext(request);
  let layer = buildLayer(destination.x25519Key, plaintext, 'xchacha20', random);
  const { replyKey } = layer;
  let json = destinationJson(destination, layer.ephemeralKey, slack);
  for (const hop of path.toReversed()) {
    layer = buildLayer(hop.x25519Key, encodePayload(layer.ciphertext, json), 'xchacha20', random);
    wipe(layer.replyKey.key);
    json = relayJson(hop, layer.ephemeralKey);
  }
  const body = encodePayload(layer.ciphertext, edgeJson(layer.ephemeralKey, request.hopNumber));
  return destination.kind === 'node'
    ? awaitingReply(body, replyKey, openNodeReply)
    : awaitingReply(body, replyKey, openServerReply);
}

/**
 * The innermost plaintext, padded if wanted. A v4 length can gain a digit and so skip the very size that is needed; then
 * one character of `slack` is left for the JSON beside it.
 */
function fitPlaintext(request: OnionRequest): { plaintext: Uint8Array; slack: number } {
  const bare = encodeInnermost(request.destination, 0);
  const overhead = overheadBytes(request);
  const target = sizeClass(bare.length + overhead) - overhead;
  if (request.padTo === undefined) return { plaintext: bare, slack: 0 };
  const missing = target - bare.length;
  let plaintext = encodeInnermost(request.destination, missing);
  const excess = plaintext.length - target;
  if (excess > 0) plaintext = encodeInnermost(request.destination, missing - excess);
  return { plaintext, slack: target - plaintext.length };
}

function encodeInnermost(destination: NodeDestination | ServerDestination, padding: number): Uint8Array {
  if (destination.kind === 'server') return encodeV4Request(destination.request, padding);
  return encodePayload(destination.body, `{"headers":""${jsonPadding(padding)}}`);
}

/** By how much the body for the guard is longer than the innermost plaintext. */
function overheadBytes({ path, destination, hopNumber }: OnionRequest): number {
  const texts = [
    destinationJson(destination, ANY_KEY, 0),
    ...path.slice(1).map((hop) => relayJson(hop, ANY_KEY)),
    edgeJson(ANY_KEY, hopNumber),
  ];
  let size = SEAL_BYTES;
  for (const text of texts) size += PREFIX_BYTES + Buffer.byteLength(text);
  return size + path.length * SEAL_BYTES;
}

function destinationJson(destination: NodeDestination | ServerDestination, key: Uint8Array, slack: number): string {
  if (destination.kind === 'node') return relayJson(destination, key);
  const { host, port, protocol } = destination;
  const json = { enc_type: 'xchacha20', ephemeral_key: bytesToHex(key), host, method: 'POST', port, protocol };
  return `${JSON.stringify({ ...json, target: SERVER_TARGET })}${' '.repeat(slack)}`;
}

function relayJson(node: OnionNode, key: Uint8Array): string {
  const destination = bytesToHex(node.ed25519Key);
  return JSON.stringify({ destination, enc_type: 'xchacha20', ephemeral_key: bytesToHex(key) });
}

function edgeJson(key: Uint8Array, hopNumber: number | undefined): string {
  return JSON.stringify({ enc_type: 'xchacha20', ephemeral_key: bytesToHex(key), hop_no: hopNumber });
}

function openServerReply(replyKey: LayerKey, bytes: Uint8Array): V4Reply {
  const plaintext = openWithKey(replyKey, bytes);
  if (plaintext === null) throw new WireError('onion', 'the answer does not open');
  return decodeV4Reply(plaintext);
}

function awaitingReply<Reply>(
  body: Uint8Array,
  replyKey: LayerKey,
  open: (replyKey: LayerKey, bytes: Uint8Array) => Reply,
): Onion<Reply> {
  let awaited = true;
  const forget = () => {
    awaited = false;
    wipe(replyKey.key);
  };
  return {
    body,
    forget,
    openReply(bytes) {
      if (!awaited) throw new WireError('onion', 'the answer is no longer awaited');
      try {
        return open(replyKey, bytes);
      } finally {
        forget();
      }
    },
  };
}
