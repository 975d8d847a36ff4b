export { Avatar } from "./avatar.tsx";
export { LiveChat, type LiveChatProps } from "./chat/live-chat.tsx";
export { TypingLine } from "./chat/typing-line.tsx";
export {
  Composer,
  type ComposerHandle,
  type ComposerMode,
  type ComposerProps,
} from "./composer/composer.tsx";
export { Announcer } from "./connection/announcer.tsx";
export { ConnectionBanner } from "./connection/connection-banner.tsx";
export { MessageContent } from "./content/message-content.tsx";
export { useConnection } from "./hooks/use-connection.ts";
export { useDraftRooms } from "./hooks/use-drafts.ts";
export { type Request, useRequest } from "./hooks/use-request.ts";
export { useRoom } from "./hooks/use-room.ts";
export { useRoomName } from "./hooks/use-room-name.ts";
export { useRooms } from "./hooks/use-rooms.ts";
export { IconButton } from "./icon-button.tsx";
export { englishLabels, type Labels } from "./labels.ts";
export { PeoplePanel } from "./people/people-panel.tsx";
export { type RealtimeContext, RealtimeProvider, type RealtimeProviderProps, useRealtime } from "./provider.tsx";
export { type RoomRights, roomRights } from "./rights.ts";
export { nameRoom } from "./rooms/name-room.ts";
export { type RoomLinkProps, RoomList, type RoomListProps } from "./rooms/room-list.tsx";
export type { ChatActions } from "./timeline/chat-actions.ts";
export { MessageList, type MessageListHandle, type MessageListProps } from "./timeline/message-list.tsx";
