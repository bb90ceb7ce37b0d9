import type { ProxyProblem } from '../engine.ts';

/** One answer of a node or seed over HTTPS. Nothing of it is authenticated by TLS. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** What the certificate of a server has to be, whoever signed it (onion-requests §3.1). */
export interface CertificatePins {
  /** SHA-256 of the DER of its public key (SPKI), base64. */
  readonly spki: string;
  /** SHA-256 of its DER, lower-case hex. */
  readonly certificate: string;
}

/** Limits of one HTTPS request. */
export interface HttpLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Is told as bytes of the body leave, and as those of the answer come in. */
  readonly onProgress?: HttpProgress | undefined;
  /** Of a POST, beside its length. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Answers of a server with another certificate, or one made for another host, are not read: `unreachable`. */
  readonly pins?: CertificatePins | undefined;
}

/** How many bytes have gone so far, of how many; `of` is `null` where the other side did not say. */
export type HttpProgress = (direction: 'sent' | 'received', bytes: number, of: number | null) => void;

/**
 * Carries bytes to an address and back. Resolves for every HTTP status.
 * Rejects with {@link TransportError} for everything that is not an answer.
 */
export interface Transport {
  /** One POST, of bytes. */
  post(url: string, body: Uint8Array, limits: HttpLimits): Promise<HttpAnswer>;
  /** One GET. */
  get(url: string, headers: Readonly<Record<string, string>>, limits: HttpLimits): Promise<HttpAnswer>;
  /** Ends idle connections. */
  close(): void;
  /** Why nothing goes through the proxy, if there is one. */
  proxyProblem?(): ProxyProblem | null;
  /** Calls `listener` whenever that changes. */
  onProxyProblem?(listener: () => void): void;
}

/**
 * Why no answer came: this machine has no network; the other side cannot be connected to or hung up;
 * the time was over; the answer was too large; or the caller aborted.
 */
export type TransportFailure = 'offline' | 'unreachable' | 'timeout' | 'too-large' | 'aborted';

/** No answer came. */
export class TransportError extends Error {
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure, options?: ErrorOptions) {
    super(`no answer: ${failure}`, options);
    this.name = 'TransportError';
    this.failure = failure;
  }
}
