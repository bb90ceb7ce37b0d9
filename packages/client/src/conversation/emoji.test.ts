import { expect, test } from 'vitest';
import { isEmoji } from './emoji.ts';

test.each(['👍', '❤️', '❤', '🤦🏽‍♀️', '👨‍👩‍👧‍👦', '🇳🇱', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣', '#⃣', '☑️', '🫨'])('%s is an emoji', (text) => {
  expect(isEmoji(text)).toBe(true);
});

test.each([
  '',
  ' ',
  'a',
  '1',
  'ok',
  '👍👍',
  '👍 paid',
  '✅ Verified',
  '\u200d',
  '\u202e👍',
  `👍${'\u0300'.repeat(30)}`,
  '👍'.repeat(40),
])('what is no single emoji is none: %j', (text) => {
  expect(isEmoji(text)).toBe(false);
});
