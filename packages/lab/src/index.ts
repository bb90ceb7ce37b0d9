export { type Child, type ChildEnd, type ChildProgram, startChild } from './child.ts';
export { LabError, type LabErrorCode } from './errors.ts';
export type { NetworkEvent, NetworkLog } from './events.ts';
export type { LabFileServer } from './lab-file-server.ts';
export type { LabNode } from './lab-node.ts';
export { type LabNetwork, type NetworkOptions, startNetwork } from './start-network.ts';
