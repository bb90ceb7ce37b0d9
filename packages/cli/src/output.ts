const readerGone = new AbortController();

/** Aborts when nobody reads standard output any more, as with `sotto listen | head -1`. What is printed then is lost. */
export const outputClosed: AbortSignal = readerGone.signal;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    process.exitCode = 1;
    say(`sotto: The output could not be written (${error.code}).`);
  }
  readerGone.abort();
});
process.stderr.on('error', () => undefined);

/** Prints one event as a line of JSON; bigints never occur, secrets are never passed here. */
export function printJson(value: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** One line of text that others wrote, without what could command the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t]/gu, '\u{FFFD}');
}

/** Prints a line for people; kept apart from JSON, which has standard output to itself. */
export function say(line = ''): void {
  process.stderr.write(`${line}\n`);
}
