/** A key (hex) in groups of four, so that two people can compare it aloud; copied as a whole. */
export function KeyText({ value }: { value: string }) {
  return (
    <code
      className="block select-all font-mono text-[11.5px] leading-normal text-soft wrap-anywhere"
      onCopy={(event) => {
        event.preventDefault();
        event.clipboardData.setData('text/plain', value);
      }}
    >
      {value.match(/.{1,4}/g)?.join(' ')}
    </code>
  );
}

/** The beginning of a key, where its whole length stands elsewhere. */
export function shortKey(key: string): string {
  return `${key.slice(0, 4)} ${key.slice(4, 8)}`;
}
