import type { Conversation, Engine } from '@sotto/client';
import { CommandFailure } from './failure.ts';
import { openSession, type SessionArguments } from './session.ts';

/** How long what was changed may take to reach the other devices of the account before a command ends without it. */
const PATIENCE_MS = 15_000;

/** Opens the profile, does the work and closes it again, whatever happens. @throws CommandFailure, EngineError */
export async function withSession<Result>(
  options: SessionArguments,
  work: (engine: Engine) => Promise<Result> | Result,
): Promise<Result> {
  const engine = await openSession(options);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** The conversation with somebody: by account id, or by a contact link that they gave. @throws EngineError */
export function openWith(engine: Engine, whom: string): Conversation {
  return /^sotto:/i.test(whom.trim()) ? engine.openContactLink(whom) : engine.openConversation(whom.trim());
}

/** A conversation that is there. @throws CommandFailure */
export function conversationWith(engine: Engine, accountId: string): Conversation {
  const found = engine.conversation(accountId.trim().toLowerCase());
  if (!found) throw new CommandFailure('There is no conversation with that account id.');
  return found;
}

/** Waits until the account's other devices can know of every change. Gives whether they can. */
export async function untilShared(engine: Engine): Promise<boolean> {
  const changes = engine.changes(AbortSignal.timeout(PATIENCE_MS));
  const isShared = () => engine.devices().pendingChanges === 0;
  if (isShared()) return true;
  for await (const { kind } of changes) if (kind === 'account' && isShared()) return true;
  return false;
}
