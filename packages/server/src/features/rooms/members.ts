import { randomBytes } from "node:crypto";
import { type CommandPayload, type CommandReply, limits, Refusal, type Role } from "@mirage/protocol";
import { requireVerdict, type Verdict } from "../../access/rights.ts";
import type { RoomAccess, RoomGuard } from "../../access/room-access.ts";
import type { Session } from "../../access/session.ts";
import type { Telling } from "../../access/telling.ts";
import type { ChatItem } from "../../hot-path/chat-lane/items.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Clock } from "../../ports/clock.ts";
import { canRemove, canSetRole } from "./rooms.policy.ts";
import type { RoomStore } from "./rooms.store.ts";
import type { Rooms } from "./rooms.ts";

export interface MembersDeps {
  hotPath: HotPath;
  guard: RoomGuard;
  store: RoomStore;
  rooms: Rooms;
  telling: Telling;
  clock: Clock;
  createId: () => string;
}

type MemberItem = Extract<ChatItem, { op: "member" }>;
type Target = { roomId: string; userId: string };
/** May they, given the other person's role as it is now? */
type JudgeRole = (access: RoomAccess, role: Role | null) => Verdict;

/** Who belongs to a room, and as what: adding, removing, roles, invites, direct conversations. */
export class Members {
  readonly #deps: MembersDeps;

  constructor(deps: MembersDeps) {
    this.#deps = deps;
  }

  async add(session: Session, { roomId, userId }: Target): Promise<Record<string, never>> {
    const { guard, store, hotPath, clock, telling } = this.#deps;
    const judge = async (): Promise<ChatItem> => {
      const access = await guard.require(session, roomId, "addMember");
      const [user] = await store.listUsers([userId]);
      if (!user) throw new Refusal("not_found", "User not found");
      const role: Role = user.isGuest ? "guest" : "member";
      const { name: roomName } = access.room;
      const notices = await telling.ofInvite({
        roomId,
        roomName,
        isDirect: false,
        inviter: session,
        userIds: [userId],
      });
      return { op: "member", kind: "join", roomId, userId, role, notices, fence: access.fence, at: clock.now() };
    };
    requireOk(await hotPath.submit(guard.judging(roomId, judge), pairOf(session, roomId)));
    return {};
  }

  async remove(session: Session, target: Target): Promise<Record<string, never>> {
    const isSelf = target.userId === session.userId;
    const judgeRole: JudgeRole = (access, role) => canRemove(access.standing, { role, isSelf });
    return await this.#change(session, target, { role: null, judgeRole });
  }

  async setRole(
    session: Session,
    { role: newRole, ...target }: Target & { role: Role },
  ): Promise<Record<string, never>> {
    const judgeRole: JudgeRole = (access, role) => canSetRole(access.standing, { role, newRole });
    return await this.#change(session, target, { role: newRole, judgeRole });
  }

  async createInvite(
    session: Session,
    { roomId, expiresInMs, maxUses }: CommandPayload<"create_invite">,
  ): Promise<CommandReply<"create_invite">> {
    const { guard, store, clock } = this.#deps;
    const access = await guard.require(session, roomId, "invite");
    // 96 random bits: nobody guesses a way in.
    const code = randomBytes(12).toString("base64url");
    const expiresAt = expiresInMs === undefined ? null : new Date(clock.now() + expiresInMs);
    const invite = { code, roomId, userId: session.userId, expiresAt, maxUses: maxUses ?? null };
    if (!(await store.addInvite({ ...invite, fence: access.fence }))) {
      guard.forget(roomId);
      const current = await guard.require(session, roomId, "invite");
      if (!(await store.addInvite({ ...invite, fence: current.fence }))) {
        throw new Refusal("unavailable", "The room is changing; try again");
      }
    }
    return {
      invite: {
        code,
        roomId,
        ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
        ...(maxUses === undefined ? {} : { maxUses }),
      },
    };
  }

  async acceptInvite(session: Session, code: string): Promise<CommandReply<"accept_invite">> {
    const { guard, store, hotPath, clock, rooms } = this.#deps;
    const judge = async (): Promise<MemberItem> => {
      const invite = await store.findInvite(code, new Date(clock.now()));
      const access = invite && (await guard.find(session, invite.roomId));
      if (!access) throw new Refusal("not_found", "This invite does not exist or has ended");
      if (access.room.archived) throw new Refusal("archived", "Room is archived");
      const role: Role = session.isGuest ? "guest" : "member";
      const { userId } = session;
      const roomId = access.room.id;
      const by = { invite: code, fence: access.fence, notices: [] };
      return { op: "member", kind: "join", roomId, userId, role, ...by, at: clock.now() };
    };
    const known = await this.#findJoined(session, code);
    if (known !== undefined) return { room: await rooms.getOwn(session, known) };
    const { roomId } = await judge();
    requireOk(await hotPath.submit(guard.judging(roomId, judge), `${session.connectionId} invite`));
    return { room: await rooms.getOwn(session, roomId) };
  }

  async openDirect(session: Session, { userIds }: CommandPayload<"open_direct">): Promise<CommandReply<"open_direct">> {
    const { store, hotPath, clock, rooms, telling } = this.#deps;
    const people = [...new Set([session.userId, ...userIds])].sort();
    if (people.length < 2) throw new Refusal("bad_request", "A direct conversation needs somebody else");
    if (people.length > limits.directUsers) {
      throw new Refusal("bad_request", `A direct conversation has at most ${limits.directUsers} people`);
    }
    const users = await store.listUsers(people);
    if (users.length < people.length) throw new Refusal("not_found", "User not found");
    const roomId = this.#deps.createId();
    const name = [...users.map((user) => user.username).join(", ")].slice(0, limits.roomNameCodePoints).join("");
    const item: ChatItem = {
      op: "create",
      roomId,
      userId: session.userId,
      name,
      notices: await telling.ofInvite({ roomId, roomName: name, isDirect: true, inviter: session, userIds: people }),
      type: "direct",
      description: undefined,
      directKey: JSON.stringify(people),
      people: people.map((userId) => ({ userId, role: "member" })),
      at: clock.now(),
    };
    const made = requireOk(await hotPath.submit(async () => item, `${session.connectionId} new`));
    return { room: await rooms.getOwn(session, made.roomId ?? roomId) };
  }

  /** Somebody is called otherwise from now on: members of their rooms are told. */
  async announceName(userId: string): Promise<void> {
    const { store, hotPath } = this.#deps;
    for (const roomId of await store.listRoomIds(userId)) {
      const judge = async (): Promise<ChatItem> => ({ op: "rename", roomId, userId });
      await hotPath.submit(judge, `name ${userId}`);
    }
  }

  /** The room of an invite that the caller is a member of already: then it is neither checked nor used up. */
  async #findJoined(session: Session, code: string): Promise<string | undefined> {
    const roomId = await this.#deps.store.findInviteRoom(code);
    if (roomId === undefined) return undefined;
    return (await this.#deps.store.findRole(roomId, session.userId)) === null ? undefined : roomId;
  }

  async #change(
    session: Session,
    { roomId, userId }: Target,
    { role, judgeRole }: { role: Role | null; judgeRole: JudgeRole },
  ): Promise<Record<string, never>> {
    const { guard, store, hotPath, clock } = this.#deps;
    const judge = async (): Promise<ChatItem> => {
      const access = await guard.require(session, roomId, "read");
      const expected = await store.findRole(roomId, userId);
      requireVerdict(judgeRole(access, expected), "Member");
      const item = { op: "member", kind: "change", roomId, userId, role, expected, notices: [] } as const;
      return { ...item, fence: access.fence, at: clock.now() };
    };
    requireOk(await hotPath.submit(guard.judging(roomId, judge), pairOf(session, roomId)));
    return {};
  }
}

const pairOf = (session: Session, roomId: string): string => `${session.connectionId} ${roomId}`;
