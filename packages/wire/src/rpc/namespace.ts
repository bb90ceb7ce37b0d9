/** The rules that a namespace has by its number (storage-rpc §5). */
export interface NamespaceRules {
  /** Anyone may store. */
  readonly publicInbox: boolean;
  /** Keeps one message; anyone may retrieve. */
  readonly publicOutbox: boolean;
  /** Retrieving needs no signature. */
  readonly noAuthRetrieve: boolean;
  /** A revoked subaccount may still retrieve. */
  readonly unrevocableRetrieve: boolean;
}

/** A namespace that stays empty: storing is refused, retrieving gives nothing (storage-rpc §5). */
export const TEST_NAMESPACE = -3741;

const LEGACY_GROUP_NAMESPACE = -10;

/** The rules of namespace −32768 … 32767. */
export function namespaceRules(namespace: number): NamespaceRules {
  const publicOutbox = namespace < 0 && -namespace % 20 === 1;
  return {
    publicInbox: isPublicInbox(namespace),
    publicOutbox,
    noAuthRetrieve: publicOutbox || namespace === LEGACY_GROUP_NAMESPACE,
    unrevocableRetrieve: namespace < 0 && -namespace % 100 === 11,
  };
}

/** Whether anyone may store there, which is asked for every message. */
export function isPublicInbox(namespace: number): boolean {
  return namespace % 10 === 0;
}

/** NS of signed bytes and hashes: nothing for namespace 0, else its decimal digits (storage-rpc §4.2). */
export function namespaceText(namespace: number | 'all'): string {
  return namespace === 0 ? '' : String(namespace);
}
