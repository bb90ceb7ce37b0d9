import { type AuthVerdict, CONTENT_ID_LENGTH, isFileId, verifyFileRequest } from '@sotto/wire/attachment';
import { base64ToBytes, bytesToBase64 } from '@sotto/wire/bytes';
import type { ReceivedV4Request, V4Answer } from '@sotto/wire/onion';
import type { Log } from './log.ts';
import { failureReply, jsonReply, textReply } from './replies.ts';
import { StoreFull } from './store/blob-store.ts';
import type { FileEntry } from './store/file-index.ts';
import type { FileStore } from './store/file-store.ts';

/** What the router works with. */
export interface RouterParts {
  readonly store: FileStore;
  readonly settings: RouterSettings;
  /** Unix ms. */
  readonly now: () => number;
  readonly log: Log;
}

/** See `FileServerSettings`. */
interface RouterSettings {
  readonly maxFileBytes: number;
  readonly lifetime: number;
  readonly maxTtl: number | null;
  readonly ids: 'content' | 'number';
}

/** What was asked for, for counting; never which file. */
export type RouteName = 'upload' | 'download' | 'info' | 'extend' | 'version' | 'token' | 'unknown';

/** An answer and what it was to. */
export interface Routed {
  readonly route: RouteName;
  readonly reply: V4Answer;
}

interface Asked {
  readonly request: ReceivedV4Request;
  /** The id in the path; empty where the path has none. */
  readonly id: string;
}

interface Route {
  readonly name: RouteName;
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly answer: (asked: Asked) => V4Answer | Promise<V4Answer>;
}

const PLATFORMS = new Set(['desktop', 'android', 'ios']);
const DIGITS = /^[0-9]{1,10}$/;

/**
 * Answers requests to a file server, by whatever door they came in (messages §9.2). Never rejects: what fails
 * unexpectedly is logged without its text and answered with 500.
 */
export class Router {
  readonly #parts: RouterParts;
  readonly #routes: readonly Route[];

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#routes = [
      { name: 'upload', method: 'POST', path: /^\/file$/, answer: (asked) => this.#upload(asked) },
      { name: 'download', method: 'GET', path: /^\/file\/([^/]+)$/, answer: (asked) => this.#download(asked) },
      { name: 'info', method: 'GET', path: /^\/file\/([^/]+)\/info$/, answer: (asked) => this.#info(asked) },
      { name: 'extend', method: 'POST', path: /^\/file\/([^/]+)\/extend$/, answer: (asked) => this.#extend(asked) },
      { name: 'upload', method: 'POST', path: /^\/files$/, answer: (asked) => this.#uploadOld(asked) },
      { name: 'download', method: 'GET', path: /^\/files\/([^/]+)$/, answer: (asked) => this.#downloadOld(asked) },
      { name: 'version', method: 'GET', path: /^\/session_version$/, answer: (asked) => this.#version(asked) },
      // A server that nobody runs for the public network knows nothing of tokens (messages §9.2: 502 without data).
      { name: 'token', method: 'GET', path: /^\/token_info$/, answer: () => failureReply(502) },
    ];
  }

  async handle(request: ReceivedV4Request): Promise<Routed> {
    const path = pathOf(request);
    const matching = this.#routes.filter((route) => route.path.test(path));
    const route = matching.find(({ method }) => method === request.method);
    if (!route) return { route: 'unknown', reply: failureReply(matching.length > 0 ? 405 : 404) };
    const id = route.path.exec(path)?.[1] ?? '';
    return { route: route.name, reply: await this.#guarded(() => route.answer({ request, id })) };
  }

  async #guarded(answer: () => V4Answer | Promise<V4Answer>): Promise<V4Answer> {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof StoreFull) {
        this.#parts.log.warn({}, 'The store is full; an upload was refused.');
        return failureReply(507);
      }
      const { code } = error as NodeJS.ErrnoException;
      this.#parts.log.error({ ...(typeof code === 'string' && { code }) }, 'A request failed unexpectedly.');
      return failureReply(500);
    }
  }

  async #upload({ request }: Asked): Promise<V4Answer> {
    const lifetime = this.#lifetimeFor(request);
    if (lifetime === null) return failureReply(400);
    const added = await this.#add(request.body, lifetime);
    return 'status' in added ? added : jsonReply(200, { id: added.id, expires: seconds(added.expiresAt) });
  }

  async #uploadOld({ request }: Asked): Promise<V4Answer> {
    const content = fileOf(request.body);
    if (content === null) return failureReply(400);
    const added = await this.#add(content, this.#parts.settings.lifetime * 1000);
    if ('status' in added) return added;
    const result = this.#parts.settings.ids === 'number' ? Number(added.id) : added.id;
    return jsonReply(200, { result, status_code: 200 });
  }

  async #add(body: Uint8Array, lifetime: number): Promise<FileEntry | V4Answer> {
    if (body.length === 0 || body.length > this.#parts.settings.maxFileBytes) return failureReply(413);
    return await this.#parts.store.add(body, lifetime);
  }

  async #download({ id }: Asked): Promise<V4Answer> {
    const file = isFileId(id) ? await this.#parts.store.get(id) : null;
    if (!file) return failureReply(404);
    const expires = new Date(file.entry.expiresAt).toUTCString();
    return { status: 200, headers: { 'content-type': 'application/octet-stream', expires }, body: file.body };
  }

  async #downloadOld({ id }: Asked): Promise<V4Answer> {
    const file = isFileId(id) ? await this.#parts.store.get(id) : null;
    return file ? jsonReply(200, { status_code: 200, result: bytesToBase64(file.body) }) : failureReply(404);
  }

  #info({ id }: Asked): V4Answer {
    const entry = isFileId(id) ? this.#parts.store.info(id) : null;
    return entry ? infoReply(entry) : failureReply(404);
  }

  async #extend({ request, id }: Asked): Promise<V4Answer> {
    const lifetime = this.#lifetimeFor(request);
    if (lifetime === null) return failureReply(400);
    const isExtendable = isFileId(id) && id.length >= CONTENT_ID_LENGTH;
    const entry = isExtendable ? await this.#parts.store.extend(id, lifetime) : null;
    return entry ? infoReply(entry) : failureReply(404);
  }

  /** This server knows of no releases, which it says as the chapter has it: 404 for no platform, 502 for no data. */
  #version({ request }: Asked): V4Answer {
    const { method, endpoint: path, headers, body } = request;
    const verdict: AuthVerdict = verifyFileRequest(headers, Math.floor(this.#parts.now() / 1000), {
      method,
      path,
      body,
    });
    if (verdict.kind === 'refused') return textReply(verdict.status, verdict.reason);
    const platform = new URLSearchParams(path.split('?')[1]).get('platform') ?? '';
    return failureReply(PLATFORMS.has(platform) ? 502 : 404);
  }

  /** How long a file shall live, ms; `null` for a wish that is refused (messages §9.2). */
  #lifetimeFor({ headers }: ReceivedV4Request): number | null {
    const { maxTtl, lifetime } = this.#parts.settings;
    const wish = headers.get('x-fs-ttl');
    if (maxTtl === null || wish === undefined) return lifetime * 1000;
    return DIGITS.test(wish) && Number(wish) <= maxTtl ? Number(wish) * 1000 : null;
  }
}

function infoReply({ size, uploadedAt, expiresAt }: FileEntry): V4Answer {
  return jsonReply(200, { size, uploaded: seconds(uploadedAt), expires: seconds(expiresAt) });
}

function pathOf({ endpoint }: ReceivedV4Request): string {
  return endpoint.split('?')[0]!;
}

function seconds(ms: number): number {
  return ms / 1000;
}

/** What the old form of an upload carries; `null` if there is no file in it. */
function fileOf(body: Uint8Array): Uint8Array | null {
  try {
    const { file } = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8')) ?? {};
    return typeof file === 'string' ? base64ToBytes(file) : null;
  } catch {
    return null;
  }
}
