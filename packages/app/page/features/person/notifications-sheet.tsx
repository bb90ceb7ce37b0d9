import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Choices } from '../../parts/choices.tsx';
import { useDuration } from '../../parts/durations.ts';
import { Sheet } from '../../parts/sheet.tsx';
import { FOREVER_MS, isMuted, useMutedText } from './muted.ts';

const NOTIFICATIONS = ['all', 'mentions', 'none'] as const;
const HOUR = 3_600;
const MUTES = [HOUR, 8 * HOUR, 24 * HOUR, 168 * HOUR] as const;

/** What of a conversation makes a sound or a badge, and when. */
export function NotificationsSheet({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const duration = useDuration();
  const mutedText = useMutedText();
  const { id, notifications } = conversation;
  const muted = isMuted(conversation);
  const choose = useCommand((next: Conversation['notifications']) =>
    engine.conversations.setNotifications.mutate({ id, notifications: next }),
  );
  const mute = useCommand((forMs: number | null) =>
    engine.conversations.setMuted.mutate({ id, until: forMs === null ? null : Date.now() + forMs }),
  );
  return (
    <Sheet title={t('person.notifications')} onClose={onClose}>
      <div className="grid gap-5">
        <Choices
          label={t('person.notifyFor')}
          value={notifications}
          onChange={choose.run}
          choices={NOTIFICATIONS.map((each) => ({ value: each, label: t(`person.notify.${each}`) }))}
        />
        <section aria-label={t('person.mute')}>
          <h3 className="mb-1.5 text-ms font-semibold">{t('person.mute')}</h3>
          <p role="status" className="mb-2 text-ms text-soft">
            {muted ? mutedText(conversation) : t('person.notMuted')}
          </p>
          <div className="flex flex-wrap gap-2">
            {muted ? (
              <Button small onClick={() => mute.run(null)}>
                {t('person.unmute')}
              </Button>
            ) : (
              <>
                {MUTES.map((seconds) => (
                  <Button key={seconds} small onClick={() => mute.run(seconds * 1_000)}>
                    {duration(seconds, 'long')}
                  </Button>
                ))}
                <Button small onClick={() => mute.run(FOREVER_MS)}>
                  {t('person.muteForever')}
                </Button>
              </>
            )}
          </div>
        </section>
        <p role="alert" className="text-ms text-danger empty:hidden">
          {reasonText(choose.reason ?? mute.reason)}
        </p>
      </div>
    </Sheet>
  );
}
