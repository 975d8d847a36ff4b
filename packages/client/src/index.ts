export type { ConnectionState, ConnectionUser, RefusalReason } from "./connection/connection-state.ts";
export type { Link, LinkObserver, LinkRefusal, Transport } from "./connection/transport.ts";
export { createRealtime } from "./create-realtime.ts";
export type { FilesHandle, Upload, UploadOptions, UploadState } from "./files/files-handle.ts";
export { type Clock, systemClock, type Timer } from "./lib/clock.ts";
export { type Failure, RealtimeError, type RealtimeErrorCode } from "./lib/error.ts";
export type { ReadonlyStore } from "./lib/store.ts";
export type { NotificationsHandle, NotificationsState } from "./notifications/notifications-state.ts";
export { type AutoAwayOptions, startAutoAway } from "./presence/auto-away.ts";
export type { PresenceChoice, PresenceHandle } from "./presence/presence-handle.ts";
export type { Realtime, RealtimeOptions } from "./realtime.ts";
export type {
  NewOutboxEntry,
  OutboxAttachment,
  OutboxEntry,
  OutboxNews,
  OutboxStorage,
} from "./rooms/outbox-storage.ts";
export type {
  DraftAttachment,
  MessageDraft,
  RoomHandle,
  RoomState,
  TimelineItem,
  Typist,
} from "./rooms/room-handle.ts";
export type { RoomsState } from "./rooms/rooms-state.ts";
