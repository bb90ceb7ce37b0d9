import type { Message } from '@sotto/client';
import type { FakeEngine } from './fake-engine.ts';
import { samplePng, sampleWav } from './sample-files.ts';

const MINUTE = 60_000;

/** Fills a conversation with one of everything that a message can be. `now` is Unix ms. */
export function talkOfEverything(engine: FakeEngine, id: string, now: number): void {
  let minutes = 50;
  const say = (direction: 'in' | 'out', known: Partial<Message>) =>
    engine.addMessage({
      conversationId: id,
      direction,
      sentAt: now - minutes-- * MINUTE,
      delivery: direction === 'out' ? 'stored' : null,
      ...known,
    });
  const own = engine.account().accountId;
  engine.describe(id, { name: 'Ines Marchetti', disappearing: { mode: 'after-send', seconds: 604_800 } });
  say('out', { kind: 'timer-changed', timer: { mode: 'after-send', seconds: 604_800 } });
  const asked = say('in', {
    body: 'Can we talk about how it was obtained *before* anyone else reads it?',
    reactions: [
      { emoji: '👍', authors: [own, id] },
      { emoji: '🙏', authors: [id] },
    ],
  });
  say('out', {
    body: 'Yes. Not on the phone. Send it here, I am alone until ten.',
    read: true,
    edited: true,
    expiry: { mode: 'after-send', seconds: 604_800, at: now + 6 * 86_400_000 },
    quote: { author: id, sentAt: asked.sentAt, messageId: asked.id, body: asked.body, hasAttachment: false },
  });
  say('in', {
    attachments: [engine.file(sampleWav(4), { contentType: 'audio/wav', isVoiceMessage: true, fileName: 'voice.wav' })],
  });
  say('in', {
    body: 'Pages 1–3 of the scan',
    attachments: [
      engine.file(samplePng(320, 240, [200, 160, 90]), picture('page-1.png', 320, 240)),
      engine.file(samplePng(240, 320, [90, 160, 200]), picture('page-2.png', 240, 320)),
      engine.file(null, { ...picture('page-3.png', 800, 600), size: 2_400_000 }),
    ],
  });
  say('out', {
    attachments: [engine.file(samplePng(640, 400, [60, 140, 110]), picture('desk.png', 640, 400))],
  });
  say('in', {
    attachments: [
      engine.file(Buffer.from('%PDF-1.7 sample'), { contentType: 'application/pdf', fileName: 'ledger-part-2.pdf' }),
      engine.file(Buffer.from('MZ'), { contentType: 'application/pdf', fileName: 'invoice\u202efdp.exe' }),
    ],
  });
  say('out', {
    body: 'And this',
    delivery: 'sending',
    attachments: [
      engine.file(Buffer.from('x'), {
        contentType: 'application/zip',
        fileName: 'archive.zip',
        size: 8_100_000,
        state: 'uploading',
        progress: 0.4,
      }),
    ],
  });
  say('in', { kind: 'media-saved' });
  say('in', { body: '', deleted: true });
  say('in', { kind: 'missed-call' });
  say('in', {
    body: `@${own} the index is at https://desk.example/ledger/part-2, look at \`page_nine\`:\n\`\`\`\nsum = 12 * 3\n\`\`\``,
    mentionsUs: true,
    preview: { url: 'https://desk.example/ledger/part-2', title: 'Ledger, part 2', image: null },
  });
  say('in', {
    kind: 'community-invitation',
    invitation: { url: 'https://open.example/field', name: 'Field reporters' },
  });
  say('out', { body: 'Reading.' });
  engine.describe(id, { unread: 0, isTyping: true });
}

function picture(fileName: string, width: number, height: number) {
  return { contentType: 'image/png', fileName, width, height };
}
