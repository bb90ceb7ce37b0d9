import { type DirectoryStore, firstDeciding, networkId, readSuccession, successionSigners } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { NetworkInfo, SuccessionInfo } from '../engine.ts';

/** What a person can know of their network: who decides, who signed what (docs/protocol/directory.md §5). */
export function networkInfo(store: DirectoryStore): NetworkInfo {
  const accepted = store.accepted();
  const { name, parameters, files = [] } = store.networkFile;
  const { authorities, threshold } = store.deciding();
  const signers = new Set(accepted?.signers.map(bytesToHex));
  return {
    name,
    id: bytesToHex(networkId(store.networkFile)),
    authorities: authorities.map(({ key, urls }) => ({ key, urls, signed: signers.has(key) })),
    threshold,
    list: accepted && {
      number: accepted.epoch,
      validFrom: accepted.validFrom,
      validUntil: accepted.validUntil,
      nodes: accepted.nodes.length,
      expired: store.isExpired(),
    },
    oneSite: (accepted?.parameters ?? parameters).oneSite,
    fileServers: files.map(({ url }) => url),
    successions: successions(store),
    history: store.history().map(({ epoch, validFrom, signers, nodes, conflict }) => ({
      number: epoch,
      validFrom,
      signers,
      nodes,
      contradicts: conflict,
    })),
  };
}

/** The store has verified them all; each was signed by those who decided before it. */
function successions(store: DirectoryStore): SuccessionInfo[] {
  let before = firstDeciding(store.networkFile);
  return store.successions().map((bytes) => {
    const signed = readSuccession(bytes);
    const { number, threshold, authorities } = signed.succession;
    const signers = successionSigners(before, signed).map(({ authority }) => bytesToHex(authority));
    before = { authorities, threshold };
    return { number, threshold, authorities: authorities.map(({ key }) => key), signers };
  });
}
