import { ImageUp, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../../engine/connection.ts';
import { useCommand } from '../../../engine/use-command.ts';
import { useReasonText } from '../../../engine/use-reason-text.ts';
import { Avatar } from '../../../parts/avatar.tsx';
import { Button } from '../../../parts/button.tsx';
import { FileButton } from '../../../parts/file-button.tsx';
import { PictureCrop } from './picture-crop.tsx';

interface PictureFormProps {
  readonly account: { readonly accountId: string; readonly name: string; readonly pictureVersion: string | null };
}

/** The own picture: chosen, cropped, removed. */
export function PictureForm({ account }: PictureFormProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [image, setImage] = useState<ImageBitmap | null>(null);
  const [unreadable, setUnreadable] = useState(false);
  const remove = useCommand(() => engine.account.removePicture.mutate());
  const choose = async (file: File) => {
    setUnreadable(false);
    try {
      setImage(await createImageBitmap(file, { imageOrientation: 'from-image' }));
    } catch {
      setUnreadable(true);
    }
  };
  const close = () => {
    image?.close();
    setImage(null);
  };
  return (
    <div className="flex items-center gap-4 max-[420px]:flex-col max-[420px]:items-start">
      <Avatar id={account.accountId} name={account.name} picture={account.pictureVersion} size="l" />
      <div className="min-w-0">
        <p className="text-ms text-soft">{t('picture.hint')}</p>
        <div className="mt-2 flex flex-wrap gap-2">
          <FileButton accept="image/*" onFile={(file) => void choose(file)}>
            <ImageUp aria-hidden="true" className="size-4" strokeWidth={1.75} />
            {t(account.pictureVersion === null ? 'picture.choose' : 'picture.change')}
          </FileButton>
          {account.pictureVersion !== null && (
            <Button small look="danger" disabled={remove.running} onClick={() => remove.run(undefined)}>
              <Trash2 aria-hidden="true" className="size-4" strokeWidth={1.75} />
              {t('picture.remove')}
            </Button>
          )}
        </div>
        <p role="alert" className="mt-1.5 text-ms text-danger empty:hidden">
          {unreadable ? t('picture.unreadable') : reasonText(remove.reason)}
        </p>
      </div>
      {image !== null && <PictureCrop image={image} onClose={close} />}
    </div>
  );
}
