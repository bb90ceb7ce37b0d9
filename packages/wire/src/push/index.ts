export { openNotification, type PushNotification } from './notification.ts';
export {
  buildSubscribe,
  buildUnsubscribe,
  LONGEST_SUBSCRIPTION,
  type PushRegistration,
  type PushRequest,
  type PushService,
} from './registration.ts';
export { type PushReply, readPushReplies } from './reply.ts';
