import { z } from 'zod';
import { exportFolder, suggestExportFolder } from '../export-folder.ts';
import { call, group, id, moment } from './call.ts';

const disappearing = z.object({
  mode: z.enum(['after-read', 'after-send']),
  seconds: z
    .int()
    .min(1)
    .max(2 ** 31),
});

/** The chat list, and what is chosen for one conversation. */
export const conversations = group({
  list: call.query(({ ctx }) => ctx.messenger.engine().conversations()),
  get: call.input(z.object({ id })).query(({ ctx, input }) => ctx.messenger.engine().conversation(input.id)),
  open: call
    .input(z.object({ accountId: z.string().max(200) }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().openConversation(input.accountId)),
  markRead: call.input(z.object({ id })).mutation(({ ctx, input }) => ctx.messenger.engine().markRead(input.id)),
  markUnread: call.input(z.object({ id })).mutation(({ ctx, input }) => ctx.messenger.engine().markUnread(input.id)),
  noteTyping: call.input(z.object({ id })).mutation(({ ctx, input }) => ctx.messenger.engine().noteTyping(input.id)),
  saveDraft: call
    .input(z.object({ id, text: z.string().max(40_000) }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().saveDraft(input.id, input.text)),
  acceptRequest: call
    .input(z.object({ id }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().acceptRequest(input.id)),
  declineRequest: call
    .input(z.object({ id }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().declineRequest(input.id)),
  setPinned: call
    .input(z.object({ id, on: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().setPinned(input.id, input.on)),
  setArchived: call
    .input(z.object({ id, on: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().setArchived(input.id, input.on)),
  setNotifications: call
    .input(z.object({ id, notifications: z.enum(['all', 'mentions', 'none']) }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().setNotifications(input.id, input.notifications)),
  setMuted: call
    .input(z.object({ id, until: moment.nullable() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().setMuted(input.id, input.until)),
  setAutoDownload: call
    .input(z.object({ id, on: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().setAutoDownload(input.id, input.on)),
  setDisappearing: call
    .input(z.object({ id, disappearing: disappearing.nullable() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().setDisappearing(input.id, input.disappearing)),
  delete: call
    .input(z.object({ id }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().deleteConversation(input.id)),
  /** Where an export would go if the person names no other folder. */
  exportPlace: call
    .input(z.object({ id, name: z.string().max(400) }))
    .query(({ input }) => suggestExportFolder(input.name, Date.now())),
  /** Writes the conversation, readable by everybody who opens the folder, and tells where. */
  export: call
    .input(z.object({ id, folder: z.string().min(1).max(2_000) }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().exportConversation(input.id, exportFolder(input.folder))),
});
