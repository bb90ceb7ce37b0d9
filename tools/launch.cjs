'use strict';
// Runs on whatever Node.js the machine has (20 or newer), so it is plain CommonJS and uses nothing but Node itself.
// It makes sure that the project's own folder holds the Node version Sotto runs on and the locked packages, then hands over.

const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const home = path.join(root, '.sotto');
const wantedNode = fs.readFileSync(path.join(root, '.node-version'), 'utf8').trim();
/** For these both Node.js and the encrypted database come ready-made. */
const SUPPORTED = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];
const developerCommands = { test: 'tools/test.ts', check: 'tools/check.ts', bench: 'tools/bench.ts' };

main().catch((error) => {
  process.stderr.write(`sotto: ${error.message}\n`);
  process.exit(1);
});

async function main() {
  const [command, ...rest] = process.argv.slice(2);
  if (!SUPPORTED.includes(`${process.platform}-${process.arch}`)) {
    throw new Error(`Sotto does not run on this kind of machine (${process.platform}, ${process.arch}).`);
  }
  const developer = Object.hasOwn(developerCommands, command ?? '') ? developerCommands[command] : undefined;
  // A service may run as a user who cannot write here, once everything is here.
  if (!hasNode() || !hasPackages(developer !== undefined)) {
    await withLock(async () => {
      ensureFolder();
      await ensureNode();
      await ensurePackages(developer !== undefined);
    });
  }
  const program = developer
    ? [path.join(root, developer), ...rest]
    : [path.join(root, 'packages/cli/src/main.ts'), ...process.argv.slice(2)];
  run(program);
}

/**
 * Becomes the program where that can be done, so that nothing stands between it and who started it. Elsewhere the terminal
 * sends Ctrl-C to both: the child decides how to end, and this process reports how it did.
 */
function run(program) {
  const node = nodeProgram();
  const environment = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` };
  // Older versions have the call as an experiment, or not at all.
  if (process.platform !== 'win32' && Number.parseInt(process.versions.node, 10) >= 26) {
    process.execve(node, [node, ...program], environment);
  }
  const child = spawn(node, program, { stdio: 'inherit', env: environment });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`sotto: could not start Node.js ${wantedNode}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (require('node:os').constants.signals[signal] ?? 0)));
}

function ensureFolder() {
  try {
    fs.accessSync(home, fs.constants.W_OK);
  } catch {
    throw new Error(`cannot write to ${home}; make that folder writable for you, or move Sotto to one that is.`);
  }
}

function nodeProgram() {
  if (process.versions.node === wantedNode) return process.execPath;
  return path.join(
    home,
    'runtime/node_modules',
    nodePackage(),
    process.platform === 'win32' ? 'bin/node.exe' : 'bin/node',
  );
}

function nodePackage() {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

function hasNode() {
  const program = nodeProgram();
  return program === process.execPath || versionOf(program) === wantedNode;
}

async function ensureNode() {
  if (hasNode()) return;
  const program = nodeProgram();
  const folder = path.join(home, 'runtime');
  fs.rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  await npm(`Fetching Node.js ${wantedNode}`, folder, ['install', '--no-save', `${nodePackage()}@${wantedNode}`]);
  if (versionOf(program) !== wantedNode) {
    throw new Error(
      `the fetched Node.js ${wantedNode} does not run on this machine (${process.platform}, ${process.arch}).`,
    );
  }
}

function versionOf(program) {
  if (!fs.existsSync(program)) return undefined;
  const result = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim().replace(/^v/, '') : undefined;
}

/** What is here: the digest of the lockfile it was fetched by, and `use` or `all`. */
function fetchedPackages() {
  return fs.existsSync(path.join(root, 'node_modules')) ? read(path.join(home, 'packages')) : '';
}

function lockDigest() {
  return createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

/** Using Sotto needs fewer packages than developing it; a developer's command brings the rest, which then stays. */
function hasPackages(forDeveloper) {
  const have = fetchedPackages();
  return have === `${lockDigest()} all` || (have === `${lockDigest()} use` && !forDeveloper);
}

async function ensurePackages(forDeveloper) {
  if (hasPackages(forDeveloper)) return;
  const stamp = path.join(home, 'packages');
  const all = forDeveloper || fetchedPackages().endsWith(' all');
  fs.rmSync(stamp, { force: true });
  await npm('Fetching the packages Sotto is made of', root, all ? ['ci'] : ['ci', '--omit=dev']);
  fs.writeFileSync(stamp, `${lockDigest()} ${all ? 'all' : 'use'}`);
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function npm(what, folder, args) {
  const began = Date.now();
  const live = process.stderr.isTTY;
  const seconds = () => Math.round((Date.now() - began) / 1000);
  process.stderr.write(live ? `${what} …` : `${what} …\n`);
  const ticker = live && setInterval(() => process.stderr.write(`\r${what} … ${seconds()} s`), 500);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-update-notifier'];
  return new Promise((resolve, reject) => {
    const child = spawn('npm', [...args, ...options], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      // What went wrong comes first; npm's own help may follow.
      said = (said + text).slice(0, 1500);
    });
    child.on('error', () => finish(new Error('npm is missing. Install npm, then run this command again.')));
    child.on('close', (code) => {
      if (code === 0) finish();
      else
        finish(
          new Error(
            `${what} failed. Check the connection and the disk, then run this command again. npm said:\n${said.trim()}`,
          ),
        );
    });
    function finish(error) {
      clearInterval(ticker);
      process.stderr.write(error ? '\n' : live ? `\r${what} … done in ${seconds()} s\n` : `  done in ${seconds()} s\n`);
      if (error) reject(error);
      else resolve();
    }
  });
}

/** Two commands started at once must not write the same folders: the second waits for the first. */
async function withLock(work) {
  const lock = path.join(home, 'lock');
  try {
    fs.mkdirSync(home, { recursive: true });
  } catch {
    ensureFolder();
  }
  for (let waited = 0; ; waited += 1) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') return ensureFolder();
      if (!isAlive(Number(read(lock)))) fs.rmSync(lock, { force: true });
      else if (waited === 4) process.stderr.write('Waiting for another sotto command that is fetching …\n');
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  const release = () => fs.rmSync(lock, { force: true });
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupted);
  try {
    await work();
  } finally {
    release();
    process.off('exit', release);
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, interrupted);
  }
}

function interrupted() {
  process.exit(130);
}

function isAlive(pid) {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
