/** `sotto check`: types, lint, format and dependency direction, dead code. Exit code 0 only if all are clean. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const checks = [
  { name: 'types', command: ['tsc', '--project', '.'] },
  { name: 'types of the page', command: ['tsc', '--project', 'packages/app/page'] },
  { name: 'lint, format, dependency direction', command: ['biome', 'ci', '--colors=off', '--error-on-warnings', '.'] },
  { name: 'dead code, undeclared packages', command: ['knip', '--no-progress', '--treat-config-hints-as-errors'] },
] as const;

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(`Usage: sotto check\n\nChecks ${checks.map(({ name }) => name).join('; ')}.`);
  process.exit(0);
}
const results = await Promise.all(checks.map(run));
process.exit(results.every(Boolean) ? 0 : 1);

async function run({ name, command: [program, ...args] }: (typeof checks)[number]): Promise<boolean> {
  const child = spawn(join(root, 'node_modules/.bin', program), args, { cwd: root });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  console.log(code === 0 ? `ok      ${name}` : `FAILED  ${name}\n${said}`);
  return code === 0;
}
