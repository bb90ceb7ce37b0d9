import { bytesToBase64, type Random, utf8ToBytes, wipe } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { type LayerKey, nonceBytes, openWithKey, sealWithKey } from './cipher.ts';
import type { FinalRequest } from './inner-request.ts';
import { asJsonObject, parseSmallJson } from './json-text.ts';

/** A destination node's answer before it is wrapped. A JSON body is given as its compact text. */
export interface NodeAnswer {
  readonly status: number;
  readonly body:
    | { readonly kind: 'text' | 'json'; readonly text: string }
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array };
}

/** What the client reads: the node's status and its body as text (base64 for binary results). */
export interface NodeReply {
  readonly status: number;
  readonly body: string;
}

/** How the client wants its answer written. */
export type AnswerForm = Pick<FinalRequest, 'answerAsJson' | 'answerAsBase64'>;

/** The form that a client gets which asked for nothing, and that errors of relays have (onion-requests §1.6, §2.2). */
export const DEFAULT_ANSWER_FORM: AnswerForm = { answerAsJson: false, answerAsBase64: true };

/** The sealed answer to a layer whose JSON a node could not read (onion-requests §2.2). */
export const INVALID_JSON: NodeAnswer = { status: 400, body: { kind: 'text', text: 'Invalid json' } };

/** The sealed answer to a server relay that this node refuses (onion-requests §2.3). */
export const INVALID_URL: NodeAnswer = { status: 400, body: { kind: 'text', text: 'Invalid url' } };

/**
 * The HTTP 200 body in which a node answers the client whose layer it peeled (onion-requests §1.6); draws a nonce from
 * `random`. `replyKey` is not wiped.
 */
export function sealNodeReply(
  replyKey: LayerKey,
  answer: NodeAnswer,
  random: Random,
  form: AnswerForm = DEFAULT_ANSWER_FORM,
): Uint8Array {
  const wrapper = utf8ToBytes(wrapAnswer(answer, form.answerAsJson));
  const sealed = sealWithKey(replyKey, random(nonceBytes(replyKey.encryptionType)), wrapper);
  wipe(wrapper);
  return form.answerAsBase64 ? utf8ToBytes(bytesToBase64(sealed)) : sealed;
}

/**
 * Opens an answer in the default form (onion-requests §1.6).
 * @throws WireError `onion` for bytes that are not base64, were changed, or hold no `{"body":<string>,"status":<int>}`.
 */
export function openNodeReply(replyKey: LayerKey, bytes: Uint8Array): NodeReply {
  const plaintext = openWithKey(replyKey, decodeBase64(bytes));
  if (plaintext === null) throw new WireError('onion', 'the answer does not open');
  const { status, body } = asJsonObject(parseSmallJson(plaintext));
  wipe(plaintext);
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 100 || status > 999) {
    throw new WireError('onion', 'the answer has no status');
  }
  if (typeof body !== 'string') throw new WireError('onion', 'the answer has no body');
  return { status, body };
}

function wrapAnswer({ status, body }: NodeAnswer, embedJson: boolean): string {
  if (body.kind === 'json' && embedJson) return `{"body":${body.text},"status":${status}}`;
  return `{"body":${JSON.stringify(body.kind === 'bytes' ? bytesToBase64(body.bytes) : body.text)},"status":${status}}`;
}

/** Only the one canonical, padded spelling is an answer of a node; relays must not be able to vary it. */
function decodeBase64(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const decoded = Buffer.from(text, 'base64');
  if (decoded.toString('base64') !== text) throw new WireError('onion', 'the answer is not base64');
  return decoded;
}
