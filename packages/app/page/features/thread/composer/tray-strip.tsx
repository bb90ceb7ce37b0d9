import { FileText, LoaderCircle, X } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { MOST_FILE_BYTES, MOST_FILES } from '../../../engine/files.ts';
import { sizeOf } from '../../../parts/sizes.ts';
import { honestName } from '../files/file-name.ts';
import { FirstFrame } from '../files/first-frame.tsx';
import type { PictureSize } from './prepare-file.ts';
import { isTooLarge, type Tray, type TrayFile, type TrayState } from './tray.ts';

const SIZES: readonly PictureSize[] = ['original', 2048, 1024];

/** The files that will go with the message: take one out, choose how large pictures are, see what to know. */
export function TrayStrip({ tray, state }: { tray: Tray; state: TrayState }) {
  const { t, i18n } = useTranslation();
  const group = useId();
  const { files, size, tooMany } = state;
  if (files.length === 0) return null;
  const pictures = files.some(({ original }) => /^image\/(?!gif|svg)/.test(original.type));
  const warnings = new Set(
    files.map(({ prepared }) => (prepared !== null && prepared !== 'failed' ? prepared.warning : null)),
  );
  return (
    <div className="pb-3">
      <ul aria-label={t('composer.files')} className="flex gap-2 overflow-x-auto pb-2">
        {files.map((file) => (
          <TrayItem key={file.id} file={file} tray={tray} onRemove={() => tray.remove(file.id)} />
        ))}
      </ul>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-s text-soft">
        {pictures && (
          <fieldset className="flex items-center gap-1.5">
            <legend className="float-left me-1.5">{t('composer.pictureSize')}</legend>
            {SIZES.map((each) => (
              <label
                key={each}
                className="cursor-pointer rounded-full border border-line px-2.5 py-0.5 font-[550] has-checked:border-transparent has-checked:bg-accent-soft has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent"
              >
                <input
                  type="radio"
                  name={group}
                  className="sr-only"
                  checked={each === size}
                  onChange={() => tray.resize(each)}
                />
                {each === 'original' ? t('composer.originalSize') : t('composer.pixels', { count: each })}
              </label>
            ))}
          </fieldset>
        )}
        <span>{t('composer.fileLimits', { size: sizeOf(MOST_FILE_BYTES, i18n.language), count: MOST_FILES })}</span>
      </div>
      {pictures && <p className="mt-1 text-s text-soft">{t('composer.picturesCleaned')}</p>}
      {warnings.has('animation-cleaned') && <p className="mt-1 text-s text-soft">{t('composer.animationCleaned')}</p>}
      {warnings.has('film-cleaned') && <p className="mt-1 text-s text-soft">{t('composer.filmCleaned')}</p>}
      {warnings.has('as-is') && <p className="mt-1 text-s text-warn">{t('composer.asIs')}</p>}
      {warnings.has('unreadable-picture') && <p className="mt-1 text-s text-warn">{t('composer.unreadablePicture')}</p>}
      <div role="alert" className="text-s text-danger">
        {tooMany && <p className="mt-1">{t('composer.tooMany', { count: MOST_FILES })}</p>}
        {files.some(isTooLarge) && (
          <p className="mt-1">{t('composer.tooLarge', { size: sizeOf(MOST_FILE_BYTES, i18n.language) })}</p>
        )}
        {files.some(({ prepared }) => prepared === 'failed') && <p className="mt-1">{t('composer.unreadable')}</p>}
      </div>
    </div>
  );
}

function TrayItem({ file, tray, onRemove }: { file: TrayFile; tray: Tray; onRemove: () => void }) {
  const { t, i18n } = useTranslation();
  const { original, prepared, url } = file;
  const ready = prepared !== null && prepared !== 'failed';
  const { stem, extension } = honestName(ready ? prepared.fileName : original.name);
  const wrong = isTooLarge(file) || prepared === 'failed';
  return (
    <li
      className={`relative w-28 shrink-0 overflow-hidden rounded-m border bg-sunk ${wrong ? 'border-danger' : 'border-line'}`}
    >
      <div className="grid h-20 place-items-center overflow-hidden text-faint">
        {url !== '' ? (
          <Look file={file} onSize={(width, height) => tray.setFilmSize(file.id, width, height)} />
        ) : prepared === null ? (
          <LoaderCircle aria-hidden="true" className="size-5 animate-spin" strokeWidth={1.75} />
        ) : (
          <FileText aria-hidden="true" className="size-6" strokeWidth={1.5} />
        )}
      </div>
      <p dir="ltr" className="flex px-2 pt-1 text-xs">
        <bdi className="truncate">{stem}</bdi>
        <span className="shrink-0">{extension}</span>
      </p>
      <p className={`px-2 pb-1.5 text-xs ${wrong ? 'text-danger' : 'text-faint'}`}>
        {sizeOf((ready ? prepared.blob : original).size, i18n.language)}
      </p>
      <button
        type="button"
        aria-label={t('composer.removeFile', { name: original.name })}
        onClick={onRemove}
        className="absolute top-1 right-1 grid size-7 place-items-center rounded-full border border-line bg-surface text-ink focus-visible:outline-offset-0"
      >
        <X aria-hidden="true" className="size-4" strokeWidth={2} />
      </button>
    </li>
  );
}

/** The picture, or how the film begins. */
function Look({
  file: { prepared, url },
  onSize,
}: {
  file: TrayFile;
  onSize: (width: number, height: number) => void;
}) {
  const isFilm = prepared !== null && prepared !== 'failed' && prepared.contentType.startsWith('video/');
  if (!isFilm) return <img src={url} alt="" className="size-full object-cover" />;
  return <FirstFrame url={url} className="size-full object-cover" onSize={onSize} />;
}
