import { type CommandPayload, type CommandReply, type OwnRoom, Refusal, type Role } from "@mirage/protocol";
import type { PresenceView } from "../../access/presence-view.ts";
import type { Action } from "../../access/rights.ts";
import type { RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Draft } from "../../ports/moderator.ts";
import type { ListingStore, MemberCursor } from "./listings.store.ts";
import type { RoomStore } from "./rooms.store.ts";
import type { UserStreamStore } from "./user-stream.store.ts";

export interface RoomsDeps {
  hotPath: HotPath;
  presence: PresenceView;
  guard: RoomGuard;
  store: RoomStore;
  listings: ListingStore;
  userStreams: UserStreamStore;
  clock: Clock;
  createId: () => string;
  epoch: string;
  /** Asks every moderator in turn. @throws Refusal `moderated`, `unavailable` */
  moderate: (draft: Draft) => Promise<void>;
}

type RoomTexts = { name?: string | undefined; description?: string | undefined };

/** Making rooms, changing them, and finding them. */
export class Rooms {
  readonly #deps: RoomsDeps;

  constructor(deps: RoomsDeps) {
    this.#deps = deps;
  }

  async create(session: Session, input: CommandPayload<"create_room">): Promise<CommandReply<"create_room">> {
    const { hotPath, createId, clock } = this.#deps;
    const roomId = createId();
    const { userId } = session;
    const item = {
      op: "create",
      roomId,
      userId,
      name: input.name,
      type: input.type,
      description: input.description || undefined,
      directKey: undefined,
      people: [{ userId, role: "owner" as Role }],
      notices: [],
      at: clock.now(),
    } as const;
    const judge = async () => {
      await this.#moderate(session, roomId, input);
      return item;
    };
    requireOk(await hotPath.submit(judge, `${session.connectionId} new`));
    return { room: await this.getOwn(session, roomId) };
  }

  async list(session: Session, { scope, cursor }: CommandPayload<"list_rooms">): Promise<CommandReply<"list_rooms">> {
    const { listings, userStreams, epoch } = this.#deps;
    // Read before the rooms, so that whatever changes in between comes again on the live stream.
    const seq = await userStreams.getHead(session.userId);
    const page = await listings.listRooms(session.userId, { scope, after: decodeRoomCursor(cursor), epoch });
    return {
      rooms: page.rooms,
      seq: Math.min(seq, page.userHead),
      epoch,
      nextCursor: encodeRoomCursor(page.nextCursor),
    };
  }

  async listMembers(
    session: Session,
    { roomId, cursor }: CommandPayload<"list_members">,
  ): Promise<CommandReply<"list_members">> {
    await this.#deps.guard.require(session, roomId, "read");
    const page = await this.#deps.listings.listMembers(roomId, decodeCursor(cursor));
    return {
      members: page.members.map((member) => ({ ...member, status: this.#deps.presence.showStatus(member.userId) })),
      nextCursor: page.next ? Buffer.from(JSON.stringify(page.next)).toString("base64url") : null,
    };
  }

  async update(session: Session, { roomId, ...changes }: CommandPayload<"update_room">): Promise<{ room: OwnRoom }> {
    return await this.#change(
      session,
      { roomId, action: "update" },
      {
        ...(changes.name === undefined ? {} : { name: changes.name }),
        ...(changes.description === undefined ? {} : { description: changes.description }),
      },
    );
  }

  async archive(session: Session, roomId: string): Promise<{ room: OwnRoom }> {
    return await this.#change(session, { roomId, action: "archive" }, { archivedAt: this.#deps.clock.now() });
  }

  /** A room as the caller sees it now. */
  async getOwn(session: Session, roomId: string): Promise<OwnRoom> {
    const { guard, epoch } = this.#deps;
    const access = await guard.require(session, roomId, "read");
    return { ...access.room, role: access.role, seq: await this.#deps.store.getHead(roomId), epoch };
  }

  /** Administrators of the instance own the room that everyone starts in. */
  async makeOwnerOfGeneral(userId: string): Promise<void> {
    const { hotPath, store, clock } = this.#deps;
    const roomId = "general";
    if ((await store.findRole(roomId, userId)) === "owner") return;
    const judge = async () => {
      const [expected, fence] = await Promise.all([store.findRole(roomId, userId), store.getFence(roomId)]);
      const role: Role = "owner";
      const item = { op: "member", kind: "change", roomId, userId, role, expected, notices: [] } as const;
      return { ...item, fence, at: clock.now() };
    };
    requireOk(await hotPath.submit(judge, `owner ${userId}`));
  }

  /** What a room is called and says of itself is shown like a message, and to more people. */
  async #moderate(session: Session, roomId: string, texts: RoomTexts): Promise<void> {
    const content = [texts.name, texts.description].filter((text) => text !== undefined && text !== "").join("\n");
    if (content === "") return;
    const { userId, username } = session;
    await this.#deps.moderate({ roomId, userId, username, content, kind: "room" });
  }

  async #change(
    session: Session,
    { roomId, action }: { roomId: string; action: Action },
    changes: { name?: string; description?: string; archivedAt?: number },
  ): Promise<{ room: OwnRoom }> {
    const { guard, hotPath } = this.#deps;
    const judge = async () => {
      const access = await guard.require(session, roomId, action);
      await this.#moderate(session, roomId, changes);
      return { op: "room", roomId, fence: access.fence, ...changes } as const;
    };
    requireOk(await hotPath.submit(guard.judging(roomId, judge), `${session.connectionId} ${roomId}`));
    return { room: await this.getOwn(session, roomId) };
  }
}

const roomCursor = "after ";

function encodeRoomCursor(roomId: string | null): string | null {
  return roomId === null ? null : Buffer.from(`${roomCursor}${roomId}`).toString("base64url");
}

function decodeRoomCursor(cursor: string | undefined): string {
  if (cursor === undefined) return "";
  const text = Buffer.from(cursor, "base64url").toString();
  if (text.startsWith(roomCursor) && !text.includes("\0")) return text.slice(roomCursor.length);
  throw new Refusal("bad_request", "This cursor is not one that list_rooms gave");
}

function decodeCursor(cursor: string | undefined): MemberCursor | undefined {
  if (cursor === undefined) return undefined;
  const parsed = parseJson(Buffer.from(cursor, "base64url").toString());
  if (isMemberCursor(parsed)) return parsed;
  throw new Refusal("bad_request", "This cursor is not one that list_members gave");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMemberCursor(value: unknown): value is MemberCursor {
  if (typeof value !== "object" || value === null) return false;
  const { rank, nameKey, userId } = value as Partial<MemberCursor>;
  if (typeof nameKey !== "string" || typeof userId !== "string") return false;
  const text = `${nameKey} ${userId}`;
  return text.isWellFormed() && !text.includes("\0") && Number.isInteger(rank) && Math.abs(Number(rank)) <= 10;
}
