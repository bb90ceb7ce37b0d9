export { ConfigObject } from './config-object.ts';
export type { ConfigOptions, ConfigState, MergeOutcome, Push, Signing } from './contract.ts';
export { type Dump, decodeDump, encodeDump } from './dump.ts';
export type { Edits, StoredMessage } from './incoming.ts';
export type { Snapshot } from './snapshot.ts';
