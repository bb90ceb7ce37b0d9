import { randomBytes } from 'node:crypto';
import { WireError } from '@sotto/wire';
import { wipe } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import {
  decodeV3Request,
  decodeV4Request,
  encodeV3Reply,
  encodeV4Reply,
  INVALID_V4_REPLY,
  openServerBody,
  type ServerRequest,
  sealServerReply,
} from '@sotto/wire/onion';
import type { Routed, Router } from './router.ts';

/** What comes out of the onion door: what was asked, and the sealed answer; `null` for a body that does not open. */
export interface OnionResult {
  readonly routed: Routed | null;
  readonly sealed: Uint8Array;
}

type Version = 'v3' | 'v4';

const VERSIONS: Readonly<Record<string, Version>> = {
  '/oxen/v4/lsrpc': 'v4',
  '/oxen/v3/lsrpc': 'v3',
  '/loki/v3/lsrpc': 'v3',
};

/** Opens what exit nodes post, has it answered, and seals the answer (onion-requests §1.7–§1.9). */
export class OnionDoor {
  readonly #keys: KeyPair;
  readonly #router: Router;

  constructor(keys: KeyPair, router: Router) {
    this.#keys = keys;
    this.#router = router;
  }

  /** Is this the path of an onion endpoint? */
  knows(path: string): boolean {
    return Object.hasOwn(VERSIONS, path);
  }

  /** `null` if the body does not open: the answer is an unencrypted 400 then. */
  async answer(path: string, body: Uint8Array): Promise<OnionResult | null> {
    const opened = this.#open(body);
    if (!opened) return null;
    try {
      return VERSIONS[path] === 'v3' ? await this.#answerV3(opened) : await this.#answerV4(opened);
    } finally {
      wipe(opened.replyKey.key);
    }
  }

  async #answerV4({ payload, replyKey }: ServerRequest): Promise<OnionResult> {
    const request = refusedAsNull(() => decodeV4Request(payload));
    const routed = request && (await this.#router.handle(request));
    const plaintext = encodeV4Reply(routed?.reply ?? INVALID_V4_REPLY);
    return { routed, sealed: sealServerReply(replyKey, plaintext, 'raw', randomBytes) };
  }

  async #answerV3({ payload, replyKey }: ServerRequest): Promise<OnionResult> {
    const request = refusedAsNull(() => decodeV3Request(payload, 'file'));
    const routed = request && (await this.#router.handle(request));
    const plaintext = encodeV3Reply(routed?.reply.status ?? 400, routed?.reply.body ?? new Uint8Array(), 'file');
    return { routed, sealed: sealServerReply(replyKey, plaintext, 'base64', randomBytes) };
  }

  #open(body: Uint8Array): ServerRequest | null {
    return refusedAsNull(() => openServerBody(this.#keys, body));
  }
}

function refusedAsNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
