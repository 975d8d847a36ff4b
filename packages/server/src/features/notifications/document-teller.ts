import type { Trigger } from "@mirage/protocol";
import type {
  CommentCause,
  DocumentInviteCause,
  DocumentTelling,
  TextMentionCause,
} from "../../access/document-telling.ts";
import { commentCause, type Notice, type Told, type Withdrawal } from "../../hot-path/chat-lane/notices.ts";
import { excerptOf } from "./message-notices.ts";
import type { NotificationStore } from "./notifications.store.ts";
import type { RoomFacts, Teller } from "./teller.ts";

export interface DocumentTellerDeps {
  store: NotificationStore;
  teller: Teller;
  createId: () => string;
  /** Off: nobody is told anything. */
  isEnabled: boolean;
}

/**
 * What the level and the mute of a document's room are about here: what is told calls somebody, or answers or belongs to
 * them, so the level that people have unless they chose another lets all of it through.
 */
export const documentFacts: RoomFacts = { isDirect: false, isCrowd: false };

/** Makes of what happens in a document what each person is told of it, as they have set it for the document's room. */
export class DocumentTeller implements DocumentTelling {
  readonly #deps: DocumentTellerDeps;

  constructor(deps: DocumentTellerDeps) {
    this.#deps = deps;
  }

  async ofComment(cause: CommentCause): Promise<readonly Notice[]> {
    const told = await this.#decide(commentTriggers(cause), cause);
    return [...Map.groupBy(told, ({ trigger }) => trigger)].map(([trigger, all]) => ({
      type: trigger,
      cause: commentCause(cause.commentId),
      title: commentTitle(cause, trigger),
      content: excerptOf(cause.content),
      metadata: commentMetadata(cause, trigger),
      groupKey: documentGroup(cause.documentId),
      people: all.map(({ person }) => person),
    }));
  }

  async ofTextMentions(causes: readonly TextMentionCause[]): Promise<readonly Notice[]> {
    const people = new Map(causes.map(({ userId }) => [userId, ["mention"] as const]));
    // All of them are of one document.
    const decided = await this.#decide(people, { roomId: causes[0]?.roomId ?? null });
    const told = new Map(decided.map(({ person }) => [person.userId, person]));
    return causes.flatMap((cause): Notice[] => {
      const person = told.get(cause.userId);
      if (!person) return [];
      const { documentId, documentTitle, author, quote } = cause;
      const by = { mentionedBy: author.username, mentionedById: author.userId };
      return [
        {
          type: "mention",
          cause: `document:${documentId}:mention:${cause.mentionId}`,
          title: `${author.username} mentioned you in ${documentTitle}`,
          content: excerptOf(quote),
          metadata: { documentId, documentTitle, ...by },
          groupKey: documentGroup(documentId),
          // One of several in one text is a record of its own.
          people: [{ ...person, notificationId: this.#deps.createId() }],
        },
      ];
    });
  }

  async ofDocumentInvite(cause: DocumentInviteCause): Promise<readonly Notice[]> {
    const { documentId, documentTitle, author } = cause;
    const others = cause.userIds.filter((userId) => userId !== author.userId);
    // That one is given a role is no news of the room.
    const told = await this.#decide(new Map(others.map((userId) => [userId, ["invite"] as const])), { roomId: null });
    if (told.length === 0) return [];
    return [
      {
        type: "invite",
        // Whoever loses a role and is given one again is told again.
        cause: `document:${documentId}:invite:${this.#deps.createId()}`,
        title: `${author.username} shared ${documentTitle} with you`,
        content: "",
        metadata: { documentId, documentTitle, invitedBy: author.username, invitedById: author.userId },
        groupKey: documentGroup(documentId),
        people: told.map(({ person }) => person),
      },
    ];
  }

  async withdrawingComment({
    commentId,
    keptIds,
    type,
  }: Parameters<DocumentTelling["withdrawingComment"]>[0]): Promise<Withdrawal> {
    const cause = commentCause(commentId);
    const told = await this.#deps.store.listTold(cause);
    return { cause, type, userIds: told.filter((userId) => !keptIds.includes(userId)), keptIds };
  }

  /** Those of these people who are to be told, each by the strongest trigger that they let through. */
  async #decide(
    people: ReadonlyMap<string, readonly Trigger[]>,
    { roomId }: { roomId: string | null },
  ): Promise<{ trigger: Trigger; person: Told }[]> {
    const { store, teller, isEnabled } = this.#deps;
    if (!isEnabled || people.size === 0) return [];
    // Which trigger does not matter for reading: what concerns each person is known here.
    const rows = await store.listRecipients([...people.keys()], "document", roomId);
    return rows.flatMap((row) => {
      const triggers = [...(people.get(row.userId) ?? [])];
      const decision = teller.decideFor({ ...row, triggers }, { room: documentFacts, isUrgent: false });
      const { trigger } = decision;
      return trigger ? [{ trigger, person: teller.toTold(row.userId, decision) }] : [];
    });
  }
}

type CommentConcerns = Pick<CommentCause, "calledIds" | "participantIds"> & {
  author: { userId: string };
  ownerId: string | null | undefined;
};

/** What of a comment concerns each person, the strongest first; an edit concerns those alone whom it calls. */
export function commentTriggers({
  author,
  calledIds,
  participantIds,
  ownerId,
}: CommentConcerns): Map<string, Trigger[]> {
  const people = new Map<string, Trigger[]>();
  const add = (userId: string, trigger: Trigger): void => {
    if (userId !== author.userId) people.set(userId, [...(people.get(userId) ?? []), trigger]);
  };
  for (const userId of calledIds) add(userId, "mention");
  for (const userId of participantIds) add(userId, "reply");
  if (ownerId) add(ownerId, "document");
  return people;
}

/** What of a document is shown together, and read together. */
export const documentGroup = (documentId: string): string => `document:${documentId}`;

function commentTitle({ author, documentTitle }: CommentCause, trigger: Trigger): string {
  if (trigger === "mention") return `${author.username} mentioned you in ${documentTitle}`;
  return `${author.username} ${trigger === "reply" ? "replied" : "commented"} in ${documentTitle}`;
}

function commentMetadata(cause: CommentCause, trigger: Trigger): Record<string, unknown> {
  const { documentId, documentTitle, commentId, threadId, author } = cause;
  const by =
    trigger === "mention"
      ? { mentionedBy: author.username, mentionedById: author.userId }
      : { userId: author.userId, username: author.username };
  return { documentId, documentTitle, commentId, threadId, ...by };
}
