/** How a file's name is shown, so that it cannot pretend to be another kind of file. */
export interface HonestName {
  /** Everything before the real extension; characters that turn or hide text are written out. */
  readonly stem: string;
  /** The part that decides what opens the file, with its dot; empty without one. */
  readonly extension: string;
  /** It opens as a program or script on some system. */
  readonly runs: boolean;
  /** It carries characters or a second extension that could mislead. */
  readonly misleading: boolean;
}

/** Controls, turns of direction, and characters without width, but for the joiners that scripts and emoji need. */
const HIDDEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029\u115f\u1160\u3164\uffa0]/gu;
const PROGRAMS = new Set(
  'app appimage apk bat bin cmd com command cpl deb desktop dll dmg exe gadget hta htm html inf ins iso jar js jse jnlp lnk mht mhtml msc msi msp mst pif pkg ps1 psm1 py rb reg rpm run scf scr settingcontent-ms sh svg url vb vbe vbs wsf wsh xhtml xll xlsm docm pptm'.split(
    ' ',
  ),
);
const FAMILIAR = new Set(
  'pdf doc docx xls xlsx ppt pptx odt txt jpg jpeg png gif webp heic mp3 m4a ogg wav mp4 mov webm zip'.split(' '),
);
const LONGEST_EXTENSION = 20;

/** Reads a file's name as its sender gave it. */
export function honestName(given: string): HonestName {
  const shown = given.replaceAll(
    HIDDEN,
    (character) => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
  const plain = safeName(given);
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 && plain.length - dot <= LONGEST_EXTENSION ? plain.slice(dot) : '';
  const before = plain.slice(0, plain.length - extension.length);
  const inner = before
    .slice(before.lastIndexOf('.') + 1)
    .trim()
    .toLowerCase();
  const doubled = extension !== '' && before.includes('.') && FAMILIAR.has(inner);
  const stem = shown.endsWith(extension) ? shown.slice(0, shown.length - extension.length) : shown;
  return {
    stem,
    extension,
    runs: PROGRAMS.has(extension.slice(1).trim().toLowerCase()),
    misleading: shown !== given || doubled,
  };
}

/** The name under which a file is saved: what is misleading or not allowed in names is left out. */
export function safeName(given: string): string {
  const clean = given
    .replaceAll(HIDDEN, '')
    .replaceAll(/[/\\:*?"<>|]/g, '_')
    .replace(/^[.\s]+/, '')
    .replace(/[.\s]+$/, '')
    .slice(-200);
  return clean === '' ? 'file' : clean;
}
