const ADDRESS = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}»”’])/i;

/** A message's text with web addresses one can open. The page that opens learns nothing of where it was linked. */
export function MessageText({ text }: { text: string }) {
  // Splitting at a captured group puts the addresses at the odd places.
  return text.split(ADDRESS).map((part, place) =>
    place % 2 === 1 ? (
      <a
        // The text of a message never changes.
        // biome-ignore lint/suspicious/noArrayIndexKey: as said above
        key={place}
        href={part}
        target="_blank"
        rel="noopener noreferrer"
        className="underline decoration-1 underline-offset-2"
      >
        {part}
      </a>
    ) : (
      part
    ),
  );
}
