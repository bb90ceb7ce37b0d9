import { MessageSquare, Pencil } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contact } from '../../engine/connection.ts';
import { AccountId, CopyButton } from '../../parts/account-id.tsx';
import { Avatar } from '../../parts/avatar.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { dayName } from '../../parts/times.ts';
import { NicknameSheet } from '../person/nickname-sheet.tsx';
import { PanelRow } from '../person/panel-row.tsx';
import { Partings } from '../person/partings.tsx';

interface ContactSheetProps {
  readonly contact: Contact;
  readonly name: string;
  readonly onWrite: () => void;
  readonly onClose: () => void;
}

/** One person of the contacts, with what can be done about them. */
export function ContactSheet({ contact, name, onWrite, onClose }: ContactSheetProps) {
  const { t, i18n } = useTranslation();
  const [naming, setNaming] = useState(false);
  const { accountId, nickname, profileName, pictureVersion, isBlocked, createdAt } = contact;
  const person = { id: accountId, nickname, profileName, isBlocked, isNoteToSelf: false, isRequest: false };
  return (
    <Sheet title={t('person.title')} onClose={onClose} place="side">
      <div className="flex flex-col items-center gap-1.5 pb-4 text-center">
        <Avatar id={accountId} name={contact.name} picture={pictureVersion} size="l" />
        <p className="max-w-full text-xl font-[650] tracking-[-.01em] wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        {nickname !== null && profileName !== null && (
          <p className="max-w-full text-faint wrap-anywhere">{t('person.callsThemselves', { name: profileName })}</p>
        )}
        {!isBlocked && (
          <p className="text-s text-faint">{t('contacts.since', { day: dayName(createdAt, i18n.language) })}</p>
        )}
      </div>
      <AccountId id={accountId} />
      <CopyButton text={accountId} label={t('person.copyId')} className="mt-2 mb-3 w-full" />
      <PanelRow icon={MessageSquare} label={t('contacts.write')} onClick={onWrite} />
      <PanelRow
        icon={Pencil}
        label={t('person.nickname')}
        value={nickname ?? t('person.none')}
        onClick={() => setNaming(true)}
      />
      <Partings person={person} name={name} onGone={onClose} />
      {naming && <NicknameSheet person={person} onClose={() => setNaming(false)} />}
    </Sheet>
  );
}
