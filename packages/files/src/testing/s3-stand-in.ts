import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A small S3-compatible store on this machine that checks signatures as the real ones do. */
export interface S3StandIn extends AsyncDisposable {
  readonly endpoint: string;
  /** Objects by path, the bucket first. */
  readonly objects: Map<string, Buffer>;
  /** Statuses with which the next requests are answered instead. */
  readonly failures: number[];
}

/** Starts it with one pair of credentials. */
export async function startS3StandIn(accessKeyId: string, secretAccessKey: string): Promise<S3StandIn> {
  const objects = new Map<string, Buffer>();
  const failures: number[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const failure = failures.shift();
    if (failure !== undefined) return response.writeHead(failure).end();
    if (!isSigned(request, body, accessKeyId, secretAccessKey)) return response.writeHead(403).end();
    const path = request.url!.slice(1);
    const kept = objects.get(path);
    switch (request.method) {
      case 'PUT':
        objects.set(path, body);
        return response.writeHead(200).end();
      case 'DELETE':
        objects.delete(path);
        return response.writeHead(204).end();
      default:
        return kept
          ? response.writeHead(200).end(request.method === 'HEAD' ? undefined : kept)
          : response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    failures,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

/** AWS Signature Version 4 for headers. */
function isSigned(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  accessKeyId: string,
  secret: string,
): boolean {
  const form = /^AWS4-HMAC-SHA256 Credential=(.+), SignedHeaders=(.+), Signature=([0-9a-f]{64})$/;
  const parts = form.exec(headers.authorization ?? '');
  if (!parts) return false;
  const [, credential, names, signature] = parts as unknown as [string, string, string, string];
  const [id, ...scope] = credential.split('/');
  const [date, region, service] = scope as [string, string, string];
  const given = headers['x-amz-content-sha256'];
  if (id !== accessKeyId || (given !== 'UNSIGNED-PAYLOAD' && given !== sha256(body))) return false;
  const canonical = [
    method,
    url,
    '',
    ...names.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    names,
    given,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope.join('/'), sha256(canonical)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, toSign).toString('hex') === signature;
}
