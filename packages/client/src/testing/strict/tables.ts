import type { Field, Table } from './table.ts';

const profile: Table = {
  name: 'LokiProfile',
  fields: {
    1: ['displayName', '?', 'text'],
    2: ['profilePicture', '?', 'text'],
    3: ['lastUpdateSeconds', '?', 'number'],
  },
};

const attachment: Table = {
  name: 'AttachmentPointer',
  fields: {
    1: ['id', '1', 'fixed64'],
    2: ['contentType', '1', 'text'],
    3: ['key', '1', 'bytes'],
    4: ['size', '1', 'number'],
    6: ['digest', '?', 'bytes'],
    7: ['fileName', '?', 'text'],
    8: ['flags', '?', 'number'],
    9: ['width', '?', 'number'],
    10: ['height', '?', 'number'],
    11: ['caption', '?', 'text'],
    101: ['url', '1', 'text'],
  },
};

const preview: Table = {
  name: 'Preview',
  fields: { 1: ['url', '1', 'text'], 2: ['title', '?', 'text'], 3: ['image', '?', attachment] },
};

/** What only our own clients tell each other. */
const sotto: Field = [
  'sotto',
  '?',
  {
    name: 'SottoExtension',
    fields: { 1: ['replaces', '?', 'number'], 2: ['contactToken', '?', 'bytes'], 3: ['byLink', '?', 'number'] },
  },
];

const reference = { 1: ['id', '1', 'number'], 2: ['author', '1', 'text'] } as const;

const dataMessage: Table = {
  name: 'DataMessage',
  fields: {
    1: ['body', '?', 'text'],
    2: ['attachments', '*', attachment],
    4: ['flags', '?', 'number'],
    6: ['profileKey', '?', 'bytes'],
    8: ['quote', '?', { name: 'Quote', fields: reference }],
    10: ['preview', '?', preview],
    11: [
      'reaction',
      '?',
      { name: 'Reaction', fields: { ...reference, 3: ['emoji', '1', 'text'], 4: ['action', '1', 'number'] } },
    ],
    101: ['profile', '?', profile],
    102: [
      'communityInvitation',
      '?',
      { name: 'CommunityInvitation', fields: { 1: ['url', '1', 'text'], 3: ['name', '1', 'text'] } },
    ],
    105: ['syncTarget', '?', 'text'],
    29556: sotto,
  },
};

/** (messages §3); calls are never sent. */
export const CONTENT: Table = {
  name: 'Content',
  fields: {
    1: ['dataMessage', '?', dataMessage],
    5: [
      'receiptMessage',
      '?',
      { name: 'ReceiptMessage', fields: { 1: ['type', '1', 'number'], 2: ['timestamp', '*', 'number'] } },
    ],
    6: [
      'typingMessage',
      '?',
      { name: 'TypingMessage', fields: { 1: ['timestamp', '1', 'number'], 2: ['action', '1', 'number'] } },
    ],
    8: [
      'dataExtractionNotification',
      '?',
      { name: 'DataExtractionNotification', fields: { 1: ['type', '1', 'number'], 2: ['timestamp', '?', 'number'] } },
    ],
    9: [
      'unsendRequest',
      '?',
      { name: 'UnsendRequest', fields: { 1: ['timestamp', '1', 'number'], 2: ['author', '1', 'text'] } },
    ],
    10: [
      'messageRequestResponse',
      '?',
      {
        name: 'MessageRequestResponse',
        fields: {
          1: ['isApproved', '1', 'number'],
          2: ['profileKey', '?', 'bytes'],
          3: ['profile', '?', profile],
          29556: sotto,
        },
      },
    ],
    12: ['expirationType', '?', 'number'],
    13: ['expirationTimer', '?', 'number'],
    15: ['sigTimestamp', '1', 'number'],
  },
};

const envelope: Table = {
  name: 'Envelope',
  fields: {
    1: ['type', '1', 'number'],
    5: ['timestamp', '1', 'number'],
    7: ['sourceDevice', '1', 'number'],
    8: ['content', '1', 'bytes'],
    11: ['proSig', '1', 'bytes'],
  },
};

/** What a swarm keeps in namespace 0 (messages §2.1). */
export const STORED: Table = {
  name: 'WebSocketMessage',
  fields: {
    1: ['type', '1', 'number'],
    2: [
      'request',
      '1',
      {
        name: 'WebSocketRequestMessage',
        fields: {
          1: ['verb', '1', 'text'],
          2: ['path', '1', 'text'],
          3: ['body', '1', envelope],
          4: ['requestId', '1', 'number'],
        },
      },
    ],
  },
};
