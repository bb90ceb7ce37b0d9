import type { Message } from '../../../engine/connection.ts';
import { kindOf } from './attachment-kind.ts';
import { FileCard } from './file-card.tsx';
import { mediaOf } from './media-box.ts';
import { MediaGrid } from './media-grid.tsx';
import { SoundPlayer } from './sound-player.tsx';

/** The files of a message: pictures and films together, then sound, then what can only be saved. */
export function Attachments({ message }: { message: Message }) {
  const of = (...kinds: string[]) => message.attachments.filter((attachment) => kinds.includes(kindOf(attachment)));
  const media = mediaOf(message);
  return (
    <div className="mb-1 grid grid-cols-1 gap-1.5 last:mb-0">
      {media.length > 0 && <MediaGrid message={message} media={media} />}
      {of('voice', 'sound').map((attachment) => (
        <SoundPlayer key={attachment.id} message={message} attachment={attachment} />
      ))}
      {of('file').map((attachment) => (
        <FileCard key={attachment.id} message={message} attachment={attachment} />
      ))}
      {message.attachments.map(
        ({ id, caption }) =>
          caption !== null && (
            <p key={id} className="whitespace-pre-wrap">
              {caption}
            </p>
          ),
      )}
    </div>
  );
}
