/** Where messages arrive, which may be many and large: one's own inbox and a group's messages. */
const MESSAGE_NAMESPACES: ReadonlySet<number> = new Set([0, 11]);

/**
 * The `max_size` of each namespace when several are retrieved in one batch: −n asks the node for 1/n of what an answer may
 * hold (onion-requests §5.3). Message namespaces get the larger share, together with one more for all the others.
 */
export function maxSizes(namespaces: readonly number[]): ReadonlyMap<number, number> {
  const messages = namespaces.filter((namespace) => MESSAGE_NAMESPACES.has(namespace));
  const others = namespaces.filter((namespace) => !MESSAGE_NAMESPACES.has(namespace));
  const messageSplit = messages.length + (messages.length > 0 && others.length > 0 ? 1 : 0);
  const otherSplit = Math.max(messageSplit, 1) * others.length;
  return new Map([
    ...messages.map((namespace) => [namespace, -messageSplit] as const),
    ...others.map((namespace) => [namespace, -otherSplit] as const),
  ]);
}
