import { AwsClient } from 'aws4fetch';
import { FilesError } from '../errors.ts';
import type { StoreSettings } from '../settings.ts';
import { type BlobStore, StoreFull } from './blob-store.ts';

type S3Settings = Extract<StoreSettings, { kind: 's3' }>;

/** Who may use the bucket. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const TIMEOUT_MS = 20_000;
const RETRIES = 2;

/** Objects of a bucket in any S3-compatible store, each written in one request, so that it is there whole or not at all. */
export class S3Blobs implements BlobStore {
  readonly #client: AwsClient;
  readonly #base: string;

  constructor({ endpoint, region, bucket, prefix }: S3Settings, credentials: S3Credentials) {
    this.#client = new AwsClient({ ...credentials, service: 's3', region, retries: RETRIES });
    this.#base = `${endpoint.replace(/\/$/, '')}/${bucket}/${prefix}`;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const answer = await this.#send('PUT', name, bytes);
    await answer.body?.cancel();
    if (answer.status === 507) throw new StoreFull();
    requireSuccess(answer);
  }

  async read(name: string): Promise<Uint8Array | null> {
    const answer = await this.#send('GET', name);
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    await answer.body?.cancel();
    if (answer.status === 404) return null;
    requireSuccess(answer);
    return null;
  }

  async has(name: string): Promise<boolean> {
    const answer = await this.#send('HEAD', name);
    if (answer.status !== 404) requireSuccess(answer);
    return answer.ok;
  }

  async remove(name: string): Promise<void> {
    const answer = await this.#send('DELETE', name);
    await answer.body?.cancel();
    if (answer.status !== 404) requireSuccess(answer);
  }

  #send(method: string, name: string, body?: Uint8Array): Promise<Response> {
    return this.#client.fetch(`${this.#base}${name}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && {
        body: body as Uint8Array<ArrayBuffer>,
        headers: { 'Content-Type': 'application/octet-stream' },
      }),
    });
  }
}

/** Takes the credentials from the environment, where they appear in no list of processes. @throws FilesError `store` */
export function s3CredentialsFrom(environment: NodeJS.ProcessEnv): S3Credentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (!accessKeyId || !secretAccessKey) {
    throw new FilesError('store', 'The store needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.');
  }
  return { accessKeyId, secretAccessKey };
}

/** The text of an answer may hold names, so only the status is told. */
function requireSuccess(answer: Response): void {
  if (!answer.ok) throw new Error(`the S3 store answered ${answer.status}`);
}
