/** What a node announces in `info` if a retrieve may wait there (waiting §2). */
export const WAIT_FEATURE = 'wait';

/** What a node announces in `info` if members of its swarm may compare their stores with its own (sync §6). */
export const SYNC_FEATURE = 'sync';
