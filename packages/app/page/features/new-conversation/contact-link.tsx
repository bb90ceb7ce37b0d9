import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { CopyButton } from '../../parts/account-id.tsx';
import { Button } from '../../parts/button.tsx';
import { QrCode } from '../../parts/qr/qr-code.tsx';
import { SelectField } from '../../parts/select-field.tsx';

const DAY_MS = 86_400_000;
const VALIDITIES = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, year: 365 * DAY_MS } as const;
type Validity = keyof typeof VALIDITIES;

/** Makes a link by which somebody may write to us at once. */
export function ContactLink() {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [validity, setValidity] = useState<Validity>('week');
  const [link, setLink] = useState<string | null>(null);
  const make = useCommand(
    (chosen: Validity) => engine.contacts.createLink.mutate({ validForMs: VALIDITIES[chosen] }),
    setLink,
  );
  const choose = (next: Validity) => {
    setValidity(next);
    setLink(null);
  };
  return (
    <>
      <p className="text-soft">{t('contactLink.text')}</p>
      <SelectField
        label={t('contactLink.validity')}
        value={validity}
        onChange={choose}
        choices={(Object.keys(VALIDITIES) as Validity[]).map((each) => [each, t(`contactLink.for.${each}`)])}
      />
      <p role="alert" className="text-ms text-danger empty:hidden">
        {reasonText(make.reason)}
      </p>
      {link === null ? (
        <Button look="primary" disabled={make.running} onClick={() => make.run(validity)}>
          {t('contactLink.make')}
        </Button>
      ) : (
        <>
          <div className="mx-auto w-[220px] py-1">
            <QrCode text={link.toUpperCase()} label={t('contactLink.qr')} />
          </div>
          <p className="select-all rounded-s border border-line bg-sunk px-2.5 py-2 font-mono text-s text-soft wrap-anywhere">
            {link}
          </p>
          <p className="text-ms text-soft">{t('contactLink.warning')}</p>
          <CopyButton text={link} label={t('contactLink.copy')} />
          <Button small disabled={make.running} onClick={() => make.run(validity)}>
            {t('contactLink.another')}
          </Button>
        </>
      )}
    </>
  );
}
