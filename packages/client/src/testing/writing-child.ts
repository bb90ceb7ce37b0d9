/**
 * Opens the profile in a folder in a process of its own, for tests that kill it: says "open", then writes messages to
 * itself as fast as it can and says the number of each one that is durable. Arguments: folder, network as JSON.
 */
import { setImmediate } from 'node:timers/promises';
import { EngineError } from '../engine.ts';
import { openProfile } from '../profile/profiles.ts';

const [folder, network] = process.argv.slice(2);
try {
  const engine = await openProfile({ folder: folder!, network: JSON.parse(network!) });
  const ownId = engine.account().accountId;
  engine.openConversation(ownId);
  process.stdout.write('open\n');
  for (let number = 0; ; number++) {
    engine.send(ownId, `number ${number}`);
    engine.saveDraft(ownId, `draft ${number}`);
    process.stdout.write(`${number}\n`);
    await setImmediate();
  }
} catch (error) {
  process.stdout.write(`${error instanceof EngineError ? error.code : String(error)}\n`);
  process.exitCode = 1;
}
