export { Avatar } from "./avatar.tsx";
export { PeoplePanel } from "./chat/lazy-panels.tsx";
export { LiveChat, type LiveChatProps } from "./chat/live-chat.tsx";
export { TypingLine } from "./chat/typing-line.tsx";
export { Composer, type ComposerHandle, type ComposerProps } from "./composer/composer.tsx";
export type { ComposerMode } from "./composer/composer-mode.ts";
export { Announcer } from "./connection/announcer.tsx";
export { ConnectionBanner } from "./connection/connection-banner.tsx";
export { MessageContent } from "./content/message-content.tsx";
export { useAlerts } from "./hooks/use-alerts.ts";
export { type BackStep, useBackStep } from "./hooks/use-back-step.ts";
export { useConnection } from "./hooks/use-connection.ts";
export { useDraftRooms } from "./hooks/use-drafts.ts";
export { useNotifications } from "./hooks/use-notifications.ts";
export { useNow } from "./hooks/use-now.ts";
export { usePresence } from "./hooks/use-presence.ts";
export { useEndPushes, usePushes } from "./hooks/use-pushes.ts";
export { type Request, useRequest } from "./hooks/use-request.ts";
export { useRoom } from "./hooks/use-room.ts";
export { useRoomName } from "./hooks/use-room-name.ts";
export { useRooms } from "./hooks/use-rooms.ts";
export { IconButton } from "./icon-button.tsx";
export { englishLabels, type Labels } from "./labels.ts";
export { lazyPart } from "./lazy-part.ts";
export { NotificationSettings, RoomNotifications } from "./notifications/lazy-settings.tsx";
export { NotificationCenter, type NotificationCenterProps } from "./notifications/notification-center.tsx";
export { PresenceStatus } from "./presence/presence-status.tsx";
export {
  type DocumentWish,
  type RealtimeContext,
  RealtimeProvider,
  type RealtimeProviderProps,
  useRealtime,
} from "./provider.tsx";
export { type RoomRights, roomRights } from "./rights.ts";
export { nameRoom } from "./rooms/name-room.ts";
export { type RoomLinkProps, RoomList, type RoomListProps } from "./rooms/room-list.tsx";
export type { ChatActions } from "./timeline/chat-actions.ts";
export { MessageList, type MessageListHandle, type MessageListProps } from "./timeline/message-list.tsx";
