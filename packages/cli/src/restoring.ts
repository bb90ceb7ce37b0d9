import type { Engine, Restoring } from '@sotto/client';

const WHAT: Readonly<Record<Restoring['stage'], string>> = {
  connecting: 'Connecting …',
  profile: 'Fetching your profile …',
  contacts: 'Fetching your contacts …',
  conversations: 'Fetching your conversations …',
  messages: 'Fetching your messages …',
  'no-room': 'The disk is full. It goes on as soon as there is room …',
};

/**
 * Waits until a restored account has everything back, up to `patienceMs`, and tells what is being fetched. Gives whether
 * it has.
 */
export async function untilRestored(
  engine: Engine,
  tell: (what: string) => void,
  patienceMs: number,
): Promise<boolean> {
  const patience = AbortSignal.timeout(patienceMs);
  const changes = engine.changes(patience);
  let told: Restoring['stage'] | null = null;
  const look = (): boolean => {
    const { restoring } = engine.account();
    if (restoring && restoring.stage !== told) tell(WHAT[restoring.stage]);
    told = restoring?.stage ?? null;
    return restoring === null;
  };
  if (look()) return true;
  for await (const { kind } of changes) if (kind === 'account' && look()) return true;
  return false;
}
