// A bot that answers every text with the same text.
// Run it with: node examples/echo-bot.ts network.sotto bot-folder
import { answer, forEachMessage, openBot } from './bot.ts';

const bot = await openBot('Echo', ...process.argv.slice(2));

await forEachMessage(bot, (message) => {
  // A message may be nothing but files.
  if (message.body.trim() !== '') answer(bot, message, message.body);
});
