import type { ConversationState } from '../store/conversation-state.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Touched } from './touched.ts';
import type { TypingBoard } from './typing-board.ts';

/** A message whose sender is proven and whose times agree, and what its handler works with. */
export interface Received {
  /** Account id of the sender. */
  readonly sender: string;
  /** ms. */
  readonly sentAt: number;
  /** What is kept of the conversation with the sender, before the message; `null` if there is none. */
  readonly senderState: ConversationState | null;
  /** When it was stored, as its sender says, ms: later than `sentAt` if they had no network. */
  readonly storedAt: number;
  /** Its hash in our own mailbox. */
  readonly hash: string;
  /** When our mailbox forgets it, as a node says, ms. */
  readonly expiresAt: number;
  /** When a token of a contact link of ours expires, ms; `null` for what is none. */
  readonly tokenExpiry: (token: Uint8Array) => number | null;
  /** Our own account id. */
  readonly ownId: string;
  /** Network time at which it is dealt with, ms. */
  readonly now: number;
  /** Everything happens inside the transaction that records the message as seen. */
  readonly store: ProfileStore;
  readonly touched: Touched;
  readonly typing: TypingBoard;
}
