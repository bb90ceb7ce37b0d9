/** Shown in the page, and given an ending that fits, whatever their sender called them. */
const SHOWN_TYPES: Readonly<Record<string, readonly [kind: 'image' | 'audio' | 'video', ending: string]>> = {
  'image/jpeg': ['image', 'jpg'],
  'image/png': ['image', 'png'],
  'image/gif': ['image', 'gif'],
  'image/webp': ['image', 'webp'],
  'audio/aac': ['audio', 'aac'],
  'audio/mp4': ['audio', 'm4a'],
  'audio/mpeg': ['audio', 'mp3'],
  'audio/ogg': ['audio', 'ogg'],
  'audio/webm': ['audio', 'webm'],
  'video/mp4': ['video', 'mp4'],
  'video/webm': ['video', 'webm'],
};
/** Endings of files that do nothing when they are opened but show themselves. */
const QUIET_ENDINGS = new Set(
  'pdf txt md csv json log zip gz tar 7z doc docx odt rtf xls xlsx ods ppt pptx odp epub ics vcf jpg jpeg png gif webp heic avif mp3 m4a aac ogg opus wav flac mp4 webm mov mkv'.split(
    ' ',
  ),
);
const LONGEST_STEM = 60;

/** How a file is kept beside the page, and whether the page shows it. */
export interface ExportedName {
  /** Unlike every other one's, by its number; letters, digits, dots, dashes and underscores only. */
  readonly name: string;
  readonly shownAs: 'image' | 'audio' | 'video' | 'link';
}

/**
 * A name that nothing can be hidden in: no folders, no signs that turn the direction of writing, no ending that lets the
 * file run. What is not known to be harmless gets the ending `.file`.
 */
export function exportedName(number: number, fileName: string | null, contentType: string): ExportedName {
  const given = (fileName ?? '').normalize('NFC');
  const [, stem = '', ending = ''] = /^(.*?)(?:\.([A-Za-z0-9]{1,8}))?$/su.exec(given) ?? [];
  const clean = stem
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, LONGEST_STEM)
    .replace(/[\uD800-\uDBFF]$/, '');
  const start = [String(number).padStart(4, '0'), ...(clean === '' ? [] : [clean])].join('-');
  const shown = SHOWN_TYPES[contentType.split(';')[0]!.trim().toLowerCase()];
  if (shown) return { name: `${start}.${shown[1]}`, shownAs: shown[0] };
  const lower = ending.toLowerCase();
  if (QUIET_ENDINGS.has(lower)) return { name: `${start}.${lower}`, shownAs: 'link' };
  return { name: `${start}${lower === '' ? '' : `.${lower}`}.file`, shownAs: 'link' };
}
