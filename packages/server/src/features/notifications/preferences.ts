import type { CommandPayload, CommandReply } from "@mirage/protocol";
import { toOverrides, toPreferences } from "../../access/preferences.ts";
import type { RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { KeywordBook } from "./keyword-book.ts";
import type { NotificationStore } from "./notifications.store.ts";

export interface NotificationPreferencesDeps {
  hotPath: HotPath;
  guard: RoomGuard;
  store: NotificationStore;
  keywords: KeywordBook;
}

/** How a person wants to be told. */
export class NotificationPreferences {
  readonly #deps: NotificationPreferencesDeps;

  constructor(deps: NotificationPreferencesDeps) {
    this.#deps = deps;
  }

  async get({ userId }: Session): Promise<CommandReply<"get_preferences">> {
    const { overrides, rooms } = await this.#deps.store.getPreferences(userId);
    return { preferences: toPreferences(overrides), rooms };
  }

  async set(session: Session, change: CommandPayload<"set_preferences">): Promise<CommandReply<"set_preferences">> {
    const { hotPath, store, keywords } = this.#deps;
    const overrides = toOverrides(change);
    const { userId } = session;
    if (Object.keys(overrides).length > 0) {
      const item = { op: "prefer", userId, overrides } as const;
      requireOk(await hotPath.submit(async () => item, pairOf(session)));
      if (change.keywords) keywords.forget();
    }
    return { preferences: toPreferences((await store.getPreferences(userId)).overrides) };
  }

  async setRoom(
    session: Session,
    { roomId, level, mutedUntil }: CommandPayload<"set_room_preferences">,
  ): Promise<CommandReply<"set_room_preferences">> {
    const { hotPath, guard, store } = this.#deps;
    await guard.require(session, roomId, "read");
    const item = {
      op: "prefer",
      userId: session.userId,
      roomId,
      ...(level === undefined ? {} : { level }),
      ...(mutedUntil === undefined ? {} : { mutedUntil }),
    } as const;
    requireOk(await hotPath.submit(async () => item, pairOf(session)));
    return { room: await store.getRoomPreferences(session.userId, roomId) };
  }
}

const pairOf = ({ connectionId }: Session): string => `${connectionId} preferences`;
