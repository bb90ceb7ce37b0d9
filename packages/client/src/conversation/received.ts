import type { Content } from '@sotto/wire/content';

/** A message whose sender is proven and whose times agree. */
export interface Received {
  readonly content: Content;
  /** Account id of the sender. */
  readonly sender: string;
  /** ms. */
  readonly sentAt: number;
  /** Our own account id. */
  readonly ownId: string;
  /** Network time at which it is dealt with, ms. */
  readonly now: number;
}
