import type { Content } from '@sotto/wire/content';
import type { Change } from '../engine.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { handleDataMessage } from './data-message.ts';
import type { Received } from './received.ts';
import { handleRequestResponse } from './request-response.ts';

/** What a kind of content does to the store, inside the transaction that records the message as seen. */
type ContentHandler = (received: Received, store: ProfileStore) => readonly Change[];

/** One kind of content. */
interface ContentKind {
  /** The field of Content that makes a message one of this kind. */
  readonly field: keyof Content;
  /** May our own devices send it to us (messages §7 step 9)? */
  readonly fromOwnDevices: boolean;
  /** Absent for kinds that this version does not know yet: they do nothing. */
  readonly handle?: ContentHandler;
}

/** All kinds, in the order in which the first match wins (messages §7 step 10). */
const KINDS: readonly ContentKind[] = [
  { field: 'dataMessage', fromOwnDevices: true, handle: handleDataMessage },
  { field: 'receiptMessage', fromOwnDevices: false },
  { field: 'typingMessage', fromOwnDevices: false },
  { field: 'dataExtractionNotification', fromOwnDevices: false },
  { field: 'unsendRequest', fromOwnDevices: true },
  { field: 'callMessage', fromOwnDevices: true },
  { field: 'messageRequestResponse', fromOwnDevices: true, handle: handleRequestResponse },
];

/** Gives a message to the handler of its kind; returns what changed. Unknown and forbidden kinds change nothing. */
export function handleContent(received: Received, store: ProfileStore): readonly Change[] {
  const kind = KINDS.find(({ field }) => received.content[field] !== undefined);
  if (!kind?.handle) return [];
  if (received.sender === received.ownId && !kind.fromOwnDevices) return [];
  return kind.handle(received, store);
}
