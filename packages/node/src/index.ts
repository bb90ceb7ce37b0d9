export { NodeError, type NodeErrorCode } from './errors.ts';
export { createNodeKeys, loadNodeKeys, wipeNodeKeys } from './keys/node-keys.ts';
export { createLog, type Log, type LogLevel } from './log.ts';
export type { NodeOptions, RunningNode } from './node-options.ts';
export { startNode } from './start-node.ts';
