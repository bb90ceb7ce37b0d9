import type { AcceptedContent } from '@sotto/wire/content';
import { takeCall } from './kinds/call.ts';
import { takeDataExtraction } from './kinds/data-extraction.ts';
import { takeReaction } from './kinds/reaction.ts';
import { takeReceipt } from './kinds/receipt.ts';
import { takeAcceptance } from './kinds/request-accepted.ts';
import { takeTimerUpdate } from './kinds/timer-update.ts';
import { takeTyping } from './kinds/typing.ts';
import { takeUnsend } from './kinds/unsend.ts';
import { takeVisible } from './kinds/visible.ts';
import type { Received } from './received.ts';

/** Gives a content to the handler of its kind (messages §7 steps 7 and 10). */
export function handleContent(content: AcceptedContent, received: Received): void {
  if (received.sender !== received.ownId && received.senderState?.blocked) return;
  switch (content.kind) {
    case 'visible':
      takeVisible(content, received);
      break;
    case 'timer-update':
      takeTimerUpdate(content, received);
      break;
    case 'reaction':
      takeReaction(content, received);
      break;
    case 'receipt':
      takeReceipt(content.sentTimes, received);
      break;
    case 'typing':
      takeTyping(content.typing, received);
      break;
    case 'data-extraction':
      takeDataExtraction(content, received);
      break;
    case 'unsend':
      takeUnsend(content.target, received);
      break;
    case 'call':
      takeCall(content, received);
      break;
    case 'request-accepted':
      takeAcceptance(content, received);
      break;
    case 'group-update':
      // Groups are not one-to-one conversations.
      break;
  }
}
