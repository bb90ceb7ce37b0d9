/**
 * `sotto bench [WORD …] [--OPTION …]`: runs the measurements under `bench/` whose path contains one of the words, one after
 * the other; what begins with the first option is theirs.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const given = process.argv.slice(2);
const firstOption = given.findIndex((word) => word.startsWith('-'));
const words = firstOption < 0 ? given : given.slice(0, firstOption);
const options = firstOption < 0 ? [] : given.slice(firstOption);
// Deeper folders hold the parts of measurements.
const programs = globSync(['bench/*.ts', 'bench/*/*.ts'], { cwd: root }).sort();
if (words.length === 0 && (options.includes('--help') || options.includes('-h'))) {
  console.log(
    `Usage: sotto bench [WORD …] [--OPTION …]\n\nMeasures:\n${programs.map((program) => `  ${program}`).join('\n')}`,
  );
  process.exit(0);
}
const chosen = programs.filter((program) => words.length === 0 || words.some((word) => program.includes(word)));
if (chosen.length === 0) {
  console.error('sotto: No measurement has such a name. See: sotto bench --help');
  process.exit(2);
}
let failed = 0;
for (const program of chosen) {
  console.log(`\n== ${program}`);
  if (spawnSync(process.execPath, [join(root, program), ...options], { cwd: root, stdio: 'inherit' }).status !== 0)
    failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
