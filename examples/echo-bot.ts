// A bot that answers every text with the same text.
// Run it with: node examples/echo-bot.ts network.sotto bot-folder
import { readFileSync } from 'node:fs';
import { createProfile, openProfile, profileState } from '@sotto/client';
import { parseNetworkFile } from '@sotto/directory';

const [networkPath = 'network.sotto', folder = 'echo-bot'] = process.argv.slice(2);
const network = parseNetworkFile(readFileSync(networkPath, 'utf8'));
const isNew = (await profileState(folder)) === 'missing';
const bot = isNew ? await createProfile({ folder, network, name: 'Echo' }) : await openProfile({ folder, network });
process.once('SIGINT', () => void bot.close());

console.log(`Write to ${bot.account().accountId}`);
for await (const change of bot.changes()) {
  if (change.kind !== 'message' || change.message.direction !== 'in') continue;
  bot.markRead(change.message.conversationId);
  // Others may send longer texts than we may.
  bot.send(change.message.conversationId, Array.from(change.message.body).slice(0, 2000).join(''));
}
