import { networkLink } from '@sotto/directory';
import { z } from 'zod';
import { previewNetwork, readNetwork } from '../network-text.ts';
import { call, group } from './call.ts';

/** A network file has at most 4096 bytes, its link twice as many characters. */
const text = z.string().max(16_384);

/** The network of this profile: seen before it is joined, and afterwards with who signed what. */
export const network = group({
  get: call.query(({ ctx }) => ctx.messenger.engine().network()),
  /** Reads a network file or link without joining it. A command, so that nothing remembers the answer. */
  read: call.input(z.object({ text })).mutation(({ input }) => previewNetwork(readNetwork(input.text))),
  join: call.input(z.object({ text })).mutation(({ ctx, input }) => ctx.messenger.join(readNetwork(input.text))),
  /** The network as a link that others can join with. */
  link: call.query(({ ctx }) => networkLink(ctx.messenger.network())),
});
