import { Ellipsis, Search, UserRoundPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contact } from '../../engine/connection.ts';
import { useContacts } from '../../engine/queries.ts';
import { Avatar } from '../../parts/avatar.tsx';
import { Button, IconButton } from '../../parts/button.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { shortId, useDisplayName } from '../chats/display-name.ts';
import { ContactSheet } from './contact-sheet.tsx';

interface ContactsPageProps {
  readonly onChoose: (conversationId: string) => void;
  readonly onNew: () => void;
}

/** The people one knows; whoever is blocked stands apart. */
export function ContactsPage({ onChoose, onNew }: ContactsPageProps) {
  const { t } = useTranslation();
  const contacts = useContacts();
  const displayName = useDisplayName();
  const [query, setQuery] = useState('');
  const [shown, setShown] = useState<string | null>(null);
  const nameOf = ({ accountId: id, name }: Contact) => displayName({ id, name, isNoteToSelf: false });
  const found = (contacts ?? []).filter((contact) => matches(query, contact, nameOf(contact)));
  const groups = {
    people: found.filter(({ isBlocked }) => !isBlocked),
    blocked: found.filter(({ isBlocked }) => isBlocked),
  };
  const selected = contacts?.find(({ accountId }) => accountId === shown);
  return (
    <Page title={t('contacts.title')}>
      <div className="flex gap-2">
        <SearchField query={query} onChange={setQuery} />
        <Button look="primary" small onClick={onNew} className="shrink-0">
          <UserRoundPlus aria-hidden="true" className="size-4" strokeWidth={1.75} />
          {t('contacts.add')}
        </Button>
      </div>
      {contacts?.length === 0 && <Nobody text={t('contacts.empty')} />}
      {contacts !== undefined && contacts.length > 0 && found.length === 0 && (
        <Nobody text={t('contacts.noneFound', { query: query.trim() })} />
      )}
      {(['people', 'blocked'] as const).map(
        (group) =>
          groups[group].length > 0 && (
            <Section key={group} title={t(`contacts.${group}`, { count: groups[group].length })}>
              <ul>
                {groups[group].map((contact) => (
                  <li key={contact.accountId} className="border-b border-line last:border-0">
                    <ContactRow
                      contact={contact}
                      name={nameOf(contact)}
                      onChoose={() => onChoose(contact.accountId)}
                      onDetails={() => setShown(contact.accountId)}
                    />
                  </li>
                ))}
              </ul>
            </Section>
          ),
      )}
      {selected !== undefined && (
        <ContactSheet
          contact={selected}
          name={nameOf(selected)}
          onWrite={() => onChoose(selected.accountId)}
          onClose={() => setShown(null)}
        />
      )}
    </Page>
  );
}

interface ContactRowProps {
  readonly contact: Contact;
  readonly name: string;
  readonly onChoose: () => void;
  readonly onDetails: () => void;
}

function ContactRow({ contact, name, onChoose, onDetails }: ContactRowProps) {
  const { t } = useTranslation();
  const { accountId, nickname, profileName, pictureVersion, acceptedUs, isBlocked } = contact;
  const other = nickname !== null && profileName !== null ? profileName : shortId(accountId);
  return (
    <div className="flex items-center gap-2">
      <button
        type="button"
        onClick={onChoose}
        className="flex min-w-0 flex-1 items-center gap-3 rounded-m py-2.5 text-left transition-colors hover:bg-sunk"
      >
        <Avatar id={accountId} name={contact.name} picture={pictureVersion} />
        <span className="min-w-0">
          <bdi className="block truncate font-semibold">{name}</bdi>
          <span className="block truncate text-ms text-faint">
            <bdi>{other}</bdi>
            {!acceptedUs && !isBlocked && ` · ${t('contacts.notYet')}`}
          </span>
        </span>
      </button>
      <IconButton label={t('contacts.about', { name })} onClick={onDetails}>
        <Ellipsis className="size-5" strokeWidth={1.75} />
      </IconButton>
    </div>
  );
}

function SearchField({ query, onChange }: { query: string; onChange: (query: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex min-w-0 flex-1 items-center gap-2 rounded-m border border-line bg-surface px-3 transition-shadow focus-within:border-accent focus-within:shadow-[0_0_0_3px_var(--accent-soft)]">
      <Search aria-hidden="true" className="size-5 shrink-0 text-faint" strokeWidth={1.75} />
      <input
        type="search"
        aria-label={t('contacts.search')}
        placeholder={t('contacts.search')}
        value={query}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="off"
        spellCheck={false}
        className="min-w-0 flex-1 bg-transparent py-2 outline-none"
      />
    </div>
  );
}

function Nobody({ text }: { text: string }) {
  return <p className="px-4 py-8 text-center text-balance text-soft">{text}</p>;
}

function matches(query: string, { accountId, nickname, profileName }: Contact, name: string): boolean {
  const wanted = query.trim().toLocaleLowerCase();
  const names = [name, nickname ?? '', profileName ?? ''];
  return accountId.startsWith(wanted) || names.some((each) => each.toLocaleLowerCase().includes(wanted));
}
