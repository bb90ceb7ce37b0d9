import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_FILE_BYTES } from '@sotto/wire/attachment';
import { z } from 'zod';
import { FilesError } from './errors.ts';
import { createPrivateFile } from './private-file.ts';

const SETTINGS_FILE = 'files.json';
const GIBIBYTE = 1024 ** 3;

const count = z.int().min(1);

const storeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('disk') }),
  z.strictObject({
    kind: z.literal('s3'),
    /** `https://host[:port]`, without the bucket. */
    endpoint: z.url({ protocol: /^https?$/ }),
    region: z.string().min(1).default('us-east-1'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not the name of a bucket'),
    /** Before the names of all objects. */
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9/_.-]{0,100}$/)
      .default(''),
  }),
]);

const settingsSchema = z.strictObject({
  /** What clients reach the server at, from outside: `http://files.example` or with a port. */
  url: z
    .url({ protocol: /^https?$/ })
    .refine((text) => URL.parse(text)?.pathname === '/', 'must be of the form http://host:port'),
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(0xffff).default(8080),
  /** Port of `/metrics` on 127.0.0.1; `null`: none. */
  metricsPort: z.int().min(0).max(0xffff).nullable().default(null),
  /** Bytes of one file. The default is the largest that senders make. */
  maxFileBytes: count.max(MAX_FILE_BYTES).default(MAX_FILE_BYTES),
  /** Bytes of all files; uploads beyond get 507. */
  maxTotalBytes: count.default(20 * GIBIBYTE),
  /** How long a file stays, seconds. */
  lifetime: count.default(21 * 86_400),
  /** The longest life that a client may ask for, seconds; `null`: what it asks is ignored. */
  maxTtl: count.nullable().default(null),
  /** `content`: the same bytes have the same id; `number`: random numbers, for clients older than 2025. */
  ids: z.enum(['content', 'number']).default('content'),
  /** Of one address, which may be a relay that many people come through. */
  requestsPerSecond: count.default(100),
  uploadBytesPerSecond: count.default(16 * 1024 * 1024),
  store: storeSchema.default({ kind: 'disk' }),
});

/** How a file server runs; see the schema for units and defaults. */
export type FileServerSettings = z.output<typeof settingsSchema>;
/** The same as written by a person: what is absent has its default. */
export type GivenSettings = z.input<typeof settingsSchema>;
export type StoreSettings = z.output<typeof storeSchema>;

/** Fills in the defaults. @throws FilesError `settings` that names the wrong member. */
export function readSettings(given: unknown): FileServerSettings {
  const parsed = settingsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new FilesError(
    'settings',
    `The file server's settings are wrong at ${issue.path.join('.')}: ${issue.message}.`,
  );
}

/** Reads `files.json` of a file server's folder. @throws FilesError `settings` */
export function loadSettings(folder: string): FileServerSettings {
  const path = join(folder, SETTINGS_FILE);
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const sentence = isMissing
      ? `There is no file server in ${folder}. Make one first: sotto files init`
      : `The settings ${path} cannot be read.`;
    throw new FilesError('settings', sentence, { cause });
  }
  return readSettings(given);
}

/**
 * Writes `files.json` with all defaults, so that the operator sees what can be changed.
 * @throws FilesError `settings` for wrong values or if there are settings already, `folder` if it cannot be written.
 */
export function createSettings(folder: string, given: GivenSettings): FileServerSettings {
  const settings = readSettings(given);
  try {
    createPrivateFile(join(folder, SETTINGS_FILE), Buffer.from(`${JSON.stringify(settings, null, 2)}\n`));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new FilesError('settings', `${folder} has settings of a file server already.`);
    throw new FilesError('folder', `The folder ${folder} cannot be written: ${code}.`, { cause });
  }
  return settings;
}
