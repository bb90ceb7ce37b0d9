import { PencilLine } from 'lucide-react';
import { useFileUrl } from '../engine/use-file-url.ts';

const SIZES = { s: 'size-7 text-xs', m: 'size-11 text-[15px]', l: 'size-21 text-xxl' } as const;

/** Pairs of paper and ink, each at least 7:1, for both themes. */
const TONES = [
  ['bg-[#cfe0da]', 'text-[#1d4a40]'],
  ['bg-[#d9d6ee]', 'text-[#3b3178]'],
  ['bg-[#f0dccb]', 'text-[#6a3812]'],
  ['bg-[#d3e3ef]', 'text-[#1b4260]'],
  ['bg-[#ecd6de]', 'text-[#6b2440]'],
  ['bg-[#e3e2c4]', 'text-[#4a4713]'],
] as const;

interface AvatarProps {
  /** Account id; the same person always has the same tone. */
  readonly id: string;
  readonly name: string | null;
  /** `pictureVersion` of the account; without one, or until it is loaded, letters stand for it. */
  readonly picture?: string | null;
  readonly noteToSelf?: boolean;
  readonly size?: keyof typeof SIZES;
}

/** A person as their picture or as two letters. Decoration: the name stands beside it. */
export function Avatar({ id, name, picture = null, noteToSelf = false, size = 'm' }: AvatarProps) {
  const shown = useFileUrl(picture === null || noteToSelf ? null : `pictures/${id}?${picture}`);
  if (shown !== null && shown !== 'failed' && shown.type.startsWith('image/')) {
    return (
      <img
        src={shown.url}
        alt=""
        draggable={false}
        className={`shrink-0 select-none rounded-full object-cover ${SIZES[size]}`}
      />
    );
  }
  const tone = noteToSelf ? 'bg-[#e9e3d8] text-[#5b4d33]' : toneOf(id).join(' ');
  return (
    <span
      aria-hidden="true"
      className={`grid shrink-0 select-none place-items-center rounded-full font-semibold ${SIZES[size]} ${tone}`}
    >
      {noteToSelf ? <PencilLine className="size-[38%]" strokeWidth={1.75} /> : initials(name, id)}
    </span>
  );
}

function toneOf(id: string): (typeof TONES)[number] {
  const number = Number.parseInt(id.slice(4, 10), 16) || 0;
  return TONES[number % TONES.length] ?? TONES[0];
}

function initials(name: string | null, id: string): string {
  const words = (name ?? '').split(/\s+/).filter(Boolean);
  if (words.length === 0) return id.slice(2, 4);
  const letters =
    words.length === 1
      ? lettersOf(words[0]!).slice(0, 2)
      : [words[0]!, words.at(-1)!].map((word) => lettersOf(word)[0]);
  return letters.join('').toLocaleUpperCase();
}

/** What a reader counts as one letter: a flag, a family or a letter with its accents is one. */
function lettersOf(word: string): string[] {
  return Array.from(new Intl.Segmenter().segment(word), ({ segment }) => segment);
}
