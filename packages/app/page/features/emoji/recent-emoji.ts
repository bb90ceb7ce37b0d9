const KEY = 'recent-emoji';
const MOST = 16;
const AT_FIRST = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** The emoji used last in this browser, newest first; the usual ones at first. */
export function recentEmoji(): readonly string[] {
  const kept = (localStorage.getItem(KEY) ?? '').split(' ').filter(Boolean);
  return [...new Set([...kept, ...AT_FIRST])].slice(0, MOST);
}

export function noteEmoji(emoji: string): void {
  localStorage.setItem(KEY, [...new Set([emoji, ...recentEmoji()])].slice(0, MOST).join(' '));
}
