/**
 * A refusal that the caller of an endpoint sees: status code and body (storage-rpc §13). Nodes send it as it is;
 * nothing else is thrown by the parsers of requests.
 */
export class RpcFailure extends Error {
  readonly status: number;
  /** The body, plain text. */
  readonly text: string;

  constructor(status: number, text: string) {
    super(text);
    this.name = 'RpcFailure';
    this.status = status;
    this.text = text;
  }
}

/** The refusal of a bad parameter, status 400 (storage-rpc §2.2). */
export function invalidRequest(detail: string): RpcFailure {
  return new RpcFailure(400, `invalid request: ${detail}`);
}
