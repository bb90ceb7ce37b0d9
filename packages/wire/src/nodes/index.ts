export { deriveNodeKeys, type NodeKeys, nodeKeysOfSecrets, nodeName, parsePublicKey } from './keys.ts';
export {
  compareNodeRecords,
  decodeNodeRecords,
  encodeNodeRecords,
  isContactable,
  type NodeRecord,
  nodeLegacyKey,
  nodeX25519Key,
} from './record.ts';
