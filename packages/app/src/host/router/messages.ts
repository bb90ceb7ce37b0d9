import { z } from 'zod';
import { call, group, id, moment, withoutUndefined } from './call.ts';
import { previewLink } from './link-preview.ts';

const body = z.string().max(40_000);
const messageId = id;
const pixels = z.int().min(1).max(100_000);
const limit = z.int().min(1).max(200);

const file = z.object({
  file: id,
  contentType: z.string().max(200),
  fileName: z.string().max(1_000).optional(),
  width: pixels.optional(),
  height: pixels.optional(),
  isVoiceMessage: z.boolean().optional(),
  caption: z.string().max(4_000).optional(),
});
const outgoing = file.transform(({ file, contentType, ...known }) => ({
  file,
  contentType,
  ...withoutUndefined(known),
}));
const url = z.string().max(4_096);
const draft = z.object({
  body,
  quotedMessageId: messageId.optional(),
  attachments: z.array(outgoing).max(32).optional(),
  preview: z.object({ url, title: z.string().max(1_000).nullable(), image: outgoing.nullable() }).optional(),
});

/** What was said in conversations: reading, finding, writing, answering, taking back. */
export const messages = group({
  page: call
    .input(z.object({ conversationId: id, before: z.string().max(400).optional(), limit: limit.optional() }))
    .query(({ ctx, input: { conversationId, ...page } }) =>
      ctx.messenger.engine().messages(conversationId, withoutUndefined(page)),
    ),
  around: call
    .input(z.object({ messageId, limit: limit.optional() }))
    .query(({ ctx, input }) => ctx.messenger.engine().messagesAround(input.messageId, input.limit)),
  search: call
    .input(
      z.object({
        text: z.string().max(1_000),
        conversationId: id.optional(),
        author: id.optional(),
        after: moment.optional(),
        before: moment.optional(),
        hasAttachment: z.boolean().optional(),
        limit: limit.optional(),
      }),
    )
    .query(({ ctx, input: { text, ...where } }) => ctx.messenger.engine().search({ text, ...withoutUndefined(where) })),
  send: call
    .input(z.object({ conversationId: id, draft }))
    .mutation(({ ctx, input: { conversationId, draft } }) =>
      ctx.messenger.engine().send(conversationId, { ...withoutUndefined(draft), body: draft.body }),
    ),
  /** Asks the site of a link for its title and picture, after the person wanted that. */
  preview: call.input(z.object({ url })).mutation(({ ctx, input }) => previewLink(ctx.messenger.engine(), input.url)),
  retry: call
    .input(z.object({ messageId }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().retry(input.messageId)),
  edit: call
    .input(z.object({ messageId, body }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().edit(input.messageId, input.body)),
  react: call
    .input(z.object({ messageId, emoji: z.string().min(1).max(100), on: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().react(input.messageId, input.emoji, input.on)),
  deleteHere: call
    .input(z.object({ messageId }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().deleteHere([input.messageId])),
  deleteForEveryone: call
    .input(z.object({ messageId }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().deleteForEveryone([input.messageId])),
  deletion: call
    .input(z.object({ messageId }))
    .query(({ ctx, input }) => ctx.messenger.engine().deletion(input.messageId)),
});
