import { Check } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useAccount } from '../../engine/queries.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Area } from '../../parts/field.tsx';
import { QrInput } from '../../parts/qr/qr-input.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { type Address, readAddress } from './address.ts';

interface NewConversationProps {
  readonly onOpened: (conversationId: string) => void;
  readonly onClose: () => void;
}

/** Opens a conversation by contact link, account id or name: typed, pasted, or read from a QR code. */
export function NewConversation({ onOpened, onClose }: NewConversationProps) {
  const { t } = useTranslation();
  const ownId = useAccount()?.accountId;
  const [text, setText] = useState('');
  const [left, setLeft] = useState(false);
  const open = useCommand(openAddress, (conversation) => onOpened(conversation.id));
  const openReason = useOpenReason();
  const problemText = useProblemText();
  const address = readAddress(text);
  const person = reachable(address);
  const write = (next: string) => {
    setText(next);
    setLeft(false);
    open.forget();
  };
  const take = (scanned: string) => {
    write(scanned.trim());
    setLeft(true);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(true);
    if (person !== null) open.run(person);
  };
  return (
    <Sheet title={t('newConversation.title')} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-3">
        <p className="text-soft">{t('newConversation.text')}</p>
        <Area
          label={t('newConversation.id')}
          placeholder={t('newConversation.placeholder')}
          value={text}
          onChange={(event) => write(event.target.value)}
          onBlur={() => setLeft(true)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') submit(event);
          }}
          rows={3}
          autoFocus
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={1_000}
          className="font-mono text-ms leading-relaxed wrap-anywhere"
          problem={problemText(address, left)}
        />
        <p role="status" className="flex items-center gap-1.5 text-ms text-accent empty:hidden">
          {person !== null && (
            <>
              <Check aria-hidden="true" className="size-4 shrink-0" strokeWidth={2} />
              {person.kind === 'id'
                ? t(person.id === ownId ? 'newConversation.own' : 'newConversation.valid')
                : t(`newConversation.is.${person.kind}`)}
            </>
          )}
        </p>
        <QrInput onRead={take} />
        <p role="alert" className="text-ms text-danger empty:hidden">
          {openReason(address, open.reason)}
        </p>
        <Button type="submit" look="primary" disabled={person === null || open.running}>
          {t(address.kind === 'name' ? 'newConversation.lookUp' : 'newConversation.start')}
        </Button>
      </form>
    </Sheet>
  );
}

type Reachable = Extract<Address, { kind: 'id' | 'link' | 'name' }>;

/** `null` while there is nobody to write to. */
function reachable(address: Address): Reachable | null {
  if (address.kind === 'link' || address.kind === 'name') return address;
  return address.kind === 'id' && address.problem === null ? address : null;
}

async function openAddress(person: Reachable) {
  if (person.kind === 'link') return engine.contacts.openLink.mutate({ link: person.link });
  const accountId = person.kind === 'id' ? person.id : await engine.contacts.resolveName.mutate({ name: person.name });
  return engine.conversations.open.mutate({ accountId });
}

/** Why it could not be opened, with what to do about it. */
function useOpenReason(): (address: Address, reason: string | null) => string | undefined {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  return (address, reason) => {
    if (address.kind === 'link' && reason === 'bad-network') return t('newConversation.otherNetwork');
    if (address.kind === 'name' && reason === 'not-found') return t('newConversation.noSuchName');
    return reasonText(reason);
  };
}

/** What is wrong with the text so far. Too short is no mistake while one is still typing. */
function useProblemText(): (address: Address, left: boolean) => string | undefined {
  const { t } = useTranslation();
  return (address, left) => {
    if (address.kind === 'network') return t('newConversation.isNetwork');
    if (address.kind !== 'id' || address.problem === null) return undefined;
    if (address.problem === 'length' && !left && address.id.length <= 66) return undefined;
    return t(`newConversation.problem.${address.problem}`, { count: address.id.length });
  };
}
