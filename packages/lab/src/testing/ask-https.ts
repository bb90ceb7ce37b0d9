import { request } from 'node:https';

/** An answer over HTTPS; status 0 with an empty body if there was none. */
export interface HttpsAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface HttpsQuestion {
  readonly method?: 'GET' | 'POST';
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Address of this machine from which to ask. */
  readonly localAddress?: string;
}

/** Asks once, over a connection of its own and without looking at the certificate; never rejects. */
export function askHttps(url: string | URL, question: HttpsQuestion = {}): Promise<HttpsAnswer> {
  const { method = 'GET', body, headers = {}, localAddress } = question;
  const { promise, resolve } = Promise.withResolvers<HttpsAnswer>();
  const nothing = { status: 0, body: Buffer.alloc(0) };
  const options = {
    method,
    agent: false,
    rejectUnauthorized: false,
    headers: { ...headers, ...(body && { 'Content-Length': body.length }) },
    ...(localAddress !== undefined && { localAddress }),
    signal: AbortSignal.timeout(20_000),
  };
  const sent = request(url, options, (answer) => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts) }));
    answer.on('error', () => resolve(nothing));
  });
  sent.on('error', () => resolve(nothing));
  sent.end(body);
  return promise;
}
