import { type ReplyValue, toJson } from '@sotto/wire/rpc';

/** The object of an answer; bytes become base64 in JSON and stay raw in bt. */
export interface ReplyObject {
  readonly [key: string]: ReplyValue | undefined;
}

/** What a request is answered: a status and text, an object, or bare bytes (storage-rpc §2.2). */
export interface RpcReply {
  readonly status: number;
  readonly body: string | ReplyObject | Uint8Array;
}

/** Success with an object. */
export function success(body: ReplyObject): RpcReply {
  return { status: 200, body };
}

/** A refusal or failure with its text. */
export function failure(status: number, text: string): RpcReply {
  return { status, body: text };
}

/** Node has it, TypeScript's libraries do not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** An answer as JSON text; swarm ids are integers beyond 2⁵³ and written digit by digit (node-network §6). */
export function jsonText(body: ReplyObject): string {
  const json = toJson(body);
  try {
    return JSON.stringify(json);
  } catch (error) {
    // There are bigints in it, which is rare; a function that looks at every value would cost every answer time.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(json, (_key, value) => (typeof value === 'bigint' ? rawJSON(value.toString()) : value));
  }
}
