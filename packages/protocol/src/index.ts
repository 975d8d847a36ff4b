export { type Command, commonErrors, type Feature, type LimitClass, limitClasses } from "./command.ts";
export { type NewNotification, newNotificationSchema } from "./commands/notifications.ts";
export type { PushPayload } from "./commands/push.ts";
export { type CommandInput, type CommandName, type CommandPayload, type CommandReply, commands } from "./commands.ts";
export * from "./document-roles.ts";
export * from "./documents.ts";
export * from "./entities.ts";
export {
  type ErrorBody,
  type ErrorCode,
  errorCodes,
  type HandshakeRefusal,
  handshakeRefusals,
  type Issue,
  messages,
  Refusal,
} from "./errors.ts";
export { type EventDeclaration, type EventKind, type EventName, type EventPayload, events } from "./events.ts";
export { limits } from "./limits.ts";
export * from "./preferences.ts";
export type { Ack, ClientToServerEvents, ServerToClientEvents } from "./socket.ts";
export { countCodePoints, findUncleanPath, isBlank, line } from "./text.ts";
export { protocolVersion } from "./version.ts";
