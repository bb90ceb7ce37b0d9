import { OxendLink, type OxendLinkOptions } from './oxend-link.ts';

/** For the connection to stand (node-network §10.4). */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Sends one request over a connection of its own and closes it. `null` if it cannot be made within 10 s, no reply comes,
 * or the signal aborts; never rejects.
 */
export async function askOnce(
  options: OxendLinkOptions,
  command: string,
  data: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<readonly Uint8Array[] | null> {
  const done = new AbortController();
  const link = new OxendLink(options);
  const running = link.run(AbortSignal.any([signal, done.signal]));
  const limit = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]);
  const tooLate = Promise.withResolvers<void>();
  limit.addEventListener('abort', () => tooLate.resolve(), { once: true });
  if (limit.aborted) tooLate.resolve();
  await Promise.race([link.up(), tooLate.promise]);
  const reply = await link.request(command, data);
  done.abort();
  await running;
  return reply;
}
