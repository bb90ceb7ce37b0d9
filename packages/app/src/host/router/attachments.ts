import { z } from 'zod';
import { call, group, id } from './call.ts';

/** Files of messages: their bytes travel by HTTP (`files/`), what is done with them by calls. */
export const attachments = group({
  download: call
    .input(z.object({ attachmentId: id }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().downloadAttachment(input.attachmentId)),
  cancel: call
    .input(z.object({ attachmentId: id }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().cancelTransfer(input.attachmentId)),
  noteSaved: call
    .input(z.object({ attachmentId: id }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().noteSaved(input.attachmentId)),
});
