/** Prints one event as a line of JSON; bigints never occur, secrets are never passed here. */
export function printJson(value: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Prints a line for people; kept apart from JSON, which has standard output to itself. */
export function say(line = ''): void {
  process.stderr.write(`${line}\n`);
}
