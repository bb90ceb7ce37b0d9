import { type Content, Content_ExpirationType } from './generated/content_pb.ts';

/** When a message disappears: `seconds` after it was sent or read. 0 exactly when the mode is `off`. */
export interface Expiry {
  readonly mode: 'off' | 'after-read' | 'after-send';
  readonly seconds: number;
}

/**
 * What a received content says about its own disappearing (messages §5.13). `afterSendOnly` is true in note to self
 * and in groups, where nobody else's reading starts a clock.
 */
export function expiryOf(content: Content, afterSendOnly: boolean): Expiry {
  const { expirationType, expirationTimer: seconds } = content;
  if (seconds === 0 || expirationType === Content_ExpirationType.UNKNOWN) return { mode: 'off', seconds: 0 };
  const afterSend = afterSendOnly || expirationType === Content_ExpirationType.DELETE_AFTER_SEND;
  return { mode: afterSend ? 'after-send' : 'after-read', seconds };
}
