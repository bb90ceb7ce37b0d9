/** An HTTP answer before it is sent. */
export interface HttpReply {
  readonly status: number;
  readonly type: 'text/plain' | 'application/json' | 'application/octet-stream';
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection is closed after the answer. */
  readonly close?: boolean;
}

/** An answer of plain text, as all errors are. */
export function textReply(status: number, body: string): HttpReply & { readonly body: string } {
  return { status, type: 'text/plain', body };
}
