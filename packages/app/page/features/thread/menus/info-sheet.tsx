import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { engine, type Message } from '../../../engine/connection.ts';
import { useDuration } from '../../../parts/durations.ts';
import { listOf } from '../../../parts/lists.ts';
import { Facts } from '../../../parts/page.tsx';
import { Sheet } from '../../../parts/sheet.tsx';
import { useMoment } from '../../../parts/use-moment.ts';
import { useNameOf } from '../text/use-name-of.ts';

const REFRESH_MS = 2_000;

/** What is known of a message's way: when it was written, where it is, when it goes, how far its deletion has come. */
export function InfoSheet({
  message,
  noteToSelf,
  onClose,
}: {
  message: Message;
  noteToSelf: boolean;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const nameOf = useNameOf();
  const duration = useDuration();
  const moment = useMoment();
  const { id: messageId, delivery, read, expiry, reactions } = message;
  const report = useQuery({
    queryKey: ['deletion', messageId],
    queryFn: () => engine.messages.deletion.query({ messageId }),
    enabled: message.deleted && message.direction === 'out',
    refetchInterval: REFRESH_MS,
    gcTime: 0,
  }).data;
  const state = delivery === 'stored' ? (read ? 'read' : noteToSelf ? 'storedSelf' : 'stored') : delivery;
  const facts: [string, string][] = [
    [t('info.from'), nameOf(message.author)],
    [t('info.sent'), moment(message.sentAt)],
  ];
  if (state !== null) facts.push([t('info.state'), t(`thread.delivery.${state}`)]);
  if (message.edited && !message.deleted) facts.push([t('info.changed'), t('thread.edited')]);
  if (expiry !== null) {
    facts.push([
      t('info.disappears'),
      expiry.at === null ? t(`info.${expiry.mode}`, { time: duration(expiry.seconds, 'long') }) : moment(expiry.at),
    ]);
  }
  for (const { emoji, authors } of reactions) facts.push([emoji, listOf(authors.map(nameOf), i18n.language)]);
  if (report != null) {
    facts.push([t('info.deleted'), t('info.confirmed', { nodes: report.nodes, ofNodes: report.ofNodes })]);
    if (!noteToSelf) facts.push([t('info.otherSide'), t(report.otherSideTold ? 'info.told' : 'info.notYetTold')]);
  }
  return (
    <Sheet title={t('info.title')} onClose={onClose}>
      <Facts facts={facts} />
      {report != null && <p className="mt-3 text-ms text-soft">{t('info.deletedText')}</p>}
    </Sheet>
  );
}
