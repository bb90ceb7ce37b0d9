/** What keeps a node from starting; stable, for callers that tell cases apart. */
export type NodeErrorCode = 'options' | 'folder' | 'keys' | 'store' | 'port' | 'network' | 'directory';

/** Why a node cannot start or its folder cannot be used: one sentence for the operator that says what to do. */
export class NodeError extends Error {
  readonly code: NodeErrorCode;

  constructor(code: NodeErrorCode, message: string) {
    super(message);
    this.name = 'NodeError';
    this.code = code;
  }
}
