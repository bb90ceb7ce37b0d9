import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ready = `console.log(JSON.stringify({ event: 'ready', more: 1 }));`;
const readInput = `import { createInterface } from 'node:readline';
const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit(0));
const input = await new Promise((resolve) => lines.once('line', (line) => resolve(JSON.parse(line))));`;

/** Programs that keep, or break, the agreement between a node's process and whoever starts it. */
const PROGRAMS = {
  /** Writes what it was told to a file, says every later line back, and writes another file when its input ends. */
  obedient: `import { writeFileSync } from 'node:fs';
${readInput.replace('process.exit(0)', `{ writeFileSync(input.folder + '/input-ended', ''); process.exit(0); }`)}
writeFileSync(input.folder + '/input', JSON.stringify(input));
console.log('not JSON');
lines.on('line', (line) => console.log(line));
${ready}`,
  stubborn: `${readInput}
process.on('SIGTERM', () => {});
${ready}`,
  silent: readInput,
  refusing: `console.log(JSON.stringify({ event: 'failed', code: 'port', message: 'The port is taken.' }));
setInterval(() => {}, 1000);`,
  crashing: `process.stderr.write('first\\nthe last words\\n');
process.exit(3);`,
  /** Is ready at its first start and crashes at the second. */
  onceOnly: `import { existsSync, writeFileSync } from 'node:fs';
${readInput}
const mark = input.folder + '/started';
if (existsSync(mark)) { writeFileSync(mark + '-twice', ''); process.exit(1); }
writeFileSync(mark, '');
${ready}`,
} as const;

/** Writes one of the programs into a folder and gives its path. */
export function writeProgram(folder: string, name: keyof typeof PROGRAMS): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, PROGRAMS[name]);
  return path;
}
