// A bridge between Sotto and programs that speak HTTP.
//   Message in  → POST to --post-to, signed; tried again until it is taken, also after a restart.
//   POST /messages with the secret and {"to":"<account id>","text":"…"} → message out.
// Run it with: node examples/webhook-bridge.ts network.sotto bot-folder --secret-file FILE [--post-to URL] [--port 8099]
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EngineError, type Message } from '@sotto/client';
import { forEachMessage, openBot, writeWhole } from './bot.ts';

const LONGEST_REQUEST = 64 * 1024;
const REQUEST_TIMEOUT = 10_000;
/** Pauses after failures, ms; the last one again and again. */
const PAUSES = [1000, 5000, 30_000, 300_000];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'secret-file': { type: 'string' },
    'post-to': { type: 'string' },
    port: { type: 'string', default: '8099' },
  },
});
const secret = readFileSync(values['secret-file'] ?? 'secret', 'utf8').trim();
if (secret.length < 16) throw new Error('the secret has at least 16 characters');
const [networkPath, folder = 'bot'] = positionals;
const bot = await openBot('Bridge', networkPath, folder);

// --- Out of Sotto: each message is a file until somebody has taken it. ---

const queue = join(folder, 'to-post');
mkdirSync(queue, { recursive: true, mode: 0o700 });
const stop = new AbortController();
let wake = Promise.withResolvers<void>();
const posting = values['post-to'] === undefined ? Promise.resolve() : postAll(new URL(values['post-to']));

function enqueue({ id, conversationId, author, sentAt, body, attachments }: Message): void {
  if (values['post-to'] === undefined) return;
  const files = attachments.map(({ fileName, contentType, size }) => ({ fileName, contentType, size }));
  writeWhole(join(queue, `${id}.json`), JSON.stringify({ id, conversationId, author, sentAt, body, files }));
  wake.resolve();
}

async function postAll(url: URL): Promise<void> {
  for (let failures = 0; !stop.signal.aborted; ) {
    wake = Promise.withResolvers();
    const waiting = readdirSync(queue).filter((name) => name.endsWith('.json'));
    const [next] = waiting.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    if (next === undefined) await wake.promise;
    else if (await post(url, readFileSync(join(queue, next)))) {
      failures = 0;
      rmSync(join(queue, next));
    } else {
      const pause = PAUSES[Math.min(failures++, PAUSES.length - 1)];
      await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }
}

/** Whether it need not be tried again: it was taken, or is refused whenever it comes. */
async function post(url: URL, body: Buffer<ArrayBuffer>): Promise<boolean> {
  // The time is signed, too, so that whoever overhears a request cannot send it again later.
  const time = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-sotto-time': time, 'x-sotto-signature': signature };
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(REQUEST_TIMEOUT)]);
  try {
    const { status } = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal });
    return status < 300 || (status >= 400 && status < 500 && status !== 408 && status !== 429);
  } catch {
    return false;
  }
}

// --- Into Sotto: only from this machine, and only with the secret. ---

const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
  void take(request).then(([status, answer]) => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(answer));
  });
}).listen(Number(values.port), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

async function take(request: IncomingMessage): Promise<[status: number, answer: object]> {
  if (!isSecret(request.headers.authorization)) return [401, { error: 'unauthorized' }];
  if (request.method !== 'POST' || request.url !== '/messages') return [404, { error: 'not-found' }];
  try {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > LONGEST_REQUEST) return [413, { error: 'too-large' }];
      pieces.push(piece);
    }
    const { to, text } = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>;
    if (typeof to !== 'string' || typeof text !== 'string') return [400, { error: 'bad-request' }];
    return [202, { id: bot.send(bot.openConversation(to).id, text).id }];
  } catch (error) {
    if (error instanceof EngineError) return [error.code === 'closed' ? 503 : 422, { error: error.code }];
    return [400, { error: 'bad-request' }];
  }
}

/** Compares digests, which takes the same time however much is right. */
function isSecret(header = ''): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${secret}`));
}

await forEachMessage(bot, enqueue);
stop.abort();
wake.resolve();
server.close();
await posting;
