import type { Message } from '../engine.ts';

/** A received text, with what a test says of it. */
export function sampleMessage(known: Partial<Message>): Message {
  return {
    id: '1',
    conversationId: 'c',
    kind: 'message',
    direction: 'in',
    author: 'them',
    sentAt: 1,
    body: '',
    delivery: null,
    failure: null,
    read: false,
    quote: null,
    reactions: [],
    attachments: [],
    preview: null,
    invitation: null,
    timer: null,
    edited: false,
    deleted: false,
    mentionsUs: false,
    expiry: null,
    ...known,
  };
}
