import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount, useConversations } from '../../../engine/queries.ts';
import { withoutTurns } from '../../../parts/directions.ts';
import { shortId } from '../../chats/display-name.ts';

/** What to call an account: “You”, the name that we know, or the two ends of its id. */
export function useNameOf(): (accountId: string) => string {
  const { t } = useTranslation();
  const ownId = useAccount()?.accountId;
  const conversations = useConversations();
  return useCallback(
    (accountId) => {
      if (accountId === ownId) return t('common.you');
      const name = conversations?.find(({ id }) => id === accountId)?.name;
      return name == null ? shortId(accountId) : withoutTurns(name);
    },
    [t, ownId, conversations],
  );
}
