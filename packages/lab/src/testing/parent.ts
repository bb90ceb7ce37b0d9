import { startChild } from '../child.ts';

/** Starts a child and then does nothing, so that a test can kill it and see what becomes of the child. */
const [program, folder] = process.argv.slice(2) as [string, string];
await startChild(
  { program, input: { folder }, logPath: `${folder}/log`, startTimeout: 20_000 },
  new AbortController().signal,
);
console.log('started');
