export { deriveNodeKeys, type NodeKeys, nodeName, parsePublicKey } from './keys.ts';
export { compareNodeRecords, decodeNodeRecords, encodeNodeRecords, type NodeRecord, nodeX25519Key } from './record.ts';
