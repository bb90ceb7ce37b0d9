import { useTranslation } from 'react-i18next';
import { Avatar } from '../../../parts/avatar.tsx';
import type { Mentionable } from '../text/mentions.ts';

interface MentionPickerProps {
  readonly id: string;
  readonly people: readonly Mentionable[];
  readonly at: number;
  readonly onPick: (person: Mentionable) => void;
}

/** Who can be mentioned, above the box one writes in, which keeps the focus. */
export function MentionPicker({ id, people, at, onPick }: MentionPickerProps) {
  const { t } = useTranslation();
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t('composer.mention')}
      className="absolute bottom-full left-0 z-10 mb-2 max-h-56 w-64 max-w-full overflow-y-auto rounded-m border border-line bg-surface p-1 shadow-sheet"
    >
      {people.map((person, place) => (
        <div
          key={person.id}
          id={`${id}-${place}`}
          role="option"
          tabIndex={-1}
          aria-selected={place === at}
          // The box must not lose the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(person);
          }}
          className="flex cursor-pointer items-center gap-2.5 rounded-s px-2 py-1.5 aria-selected:bg-accent-soft aria-selected:text-accent"
        >
          <Avatar id={person.id} name={person.name} size="s" />
          <bdi className="truncate">{person.name}</bdi>
        </div>
      ))}
    </div>
  );
}
