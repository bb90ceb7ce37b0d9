import type { NodeAnswer } from '@sotto/wire/onion';
import { type RequestParams, RpcFailure, readEnvelope, toBt } from '@sotto/wire/rpc';
import type { Caller } from '../waiting/caller.ts';
import type { StorageHandler } from './handler.ts';
import { failure, jsonText, type RpcReply } from './rpc-reply.ts';

/** Answers a JSON request `{"method","params"}` as HTTPS and onions carry it (storage-rpc §2.2). Never rejects. */
export async function answerEnvelope(
  handler: Pick<StorageHandler, 'handle'>,
  body: Uint8Array,
  caller: Caller,
): Promise<RpcReply> {
  try {
    const { method, params } = readEnvelope(body);
    return await handler.handle(method, params, caller);
  } catch (error) {
    if (error instanceof RpcFailure) return failure(error.status, error.text);
    throw error;
  }
}

/** An answer as the destination of an onion writes it (onion-requests §1.6). */
export function onionAnswer({ status, body }: RpcReply): NodeAnswer {
  if (body instanceof Uint8Array) return { status, body: { kind: 'bytes', bytes: body } };
  if (typeof body === 'string') return { status, body: { kind: 'text', text: body } };
  return { status, body: { kind: 'json', text: jsonText(body) } };
}

/** An answer as OxenMQ reply parts, in the form of the request: success is one part, else status and body (§2.3). */
export function replyParts(reply: RpcReply, format: RequestParams['format']): Uint8Array[] {
  try {
    const part = bodyPart(reply.body, format);
    return reply.status === 200 ? [part] : [Buffer.from(String(reply.status)), part];
  } catch (error) {
    if (error instanceof RpcFailure) return [Buffer.from(String(error.status)), Buffer.from(error.text)];
    throw error;
  }
}

function bodyPart(body: RpcReply['body'], format: RequestParams['format']): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  return format === 'bt' ? toBt(body) : Buffer.from(jsonText(body));
}
