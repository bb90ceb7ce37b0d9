import { request } from 'node:https';
import { isIPv4 } from 'node:net';
import { ADDRESS_PATH, type NetworkFile } from '@sotto/directory';

const MAXIMUM_ANSWER_BYTES = 100;

/**
 * Asks a network's authorities from which IPv4 address they see this machine; the one that most of them name, or `null`
 * if none answers. One that lies can only keep the node out: authorities list what they reach themselves.
 * @param timeout ms.
 */
export async function findOwnAddress({ authorities }: NetworkFile, timeout: number): Promise<string | null> {
  const urls = authorities.flatMap(({ urls }) => urls);
  const answers = await Promise.all(urls.map((url) => ask(new URL(ADDRESS_PATH, url), timeout)));
  const counts = new Map<string, number>();
  for (const answer of answers) if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

function ask(url: URL, timeout: number): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const signal = AbortSignal.timeout(timeout);
  const sent = request(url, { agent: false, rejectUnauthorized: false, signal }, (answer) => {
    let text = '';
    answer.on('data', (part: Buffer) => {
      text += part.toString('latin1');
      if (text.length > MAXIMUM_ANSWER_BYTES) answer.destroy();
    });
    answer.on('error', () => {});
    answer.on('close', () => resolve(isIPv4(text.trim()) ? text.trim() : null));
  });
  sent.on('error', () => resolve(null));
  sent.on('close', () => resolve(null));
  sent.end();
  return promise;
}
