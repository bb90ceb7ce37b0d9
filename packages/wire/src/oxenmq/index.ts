export {
  classifyMessage,
  encodeCommand,
  encodeReply,
  encodeRequest,
  HELLO,
  HI,
  newTag,
  nodeRoutingId,
  type OxenMqError,
  type OxenMqMessage,
} from './message.ts';
export { PendingRequests, REQUEST_TIMEOUT_MS, type RequestResult } from './pending-requests.ts';
export { type AuthLevel, type Caller, type Category, type Route, type RoutingTable, routeCommand } from './routing.ts';
