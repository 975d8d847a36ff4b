import { type CommandPayload, type CommandReply, limits, Refusal } from "@mirage/protocol";
import type { DocumentGuard } from "../../../access/document-access.ts";
import type { Session } from "../../../access/session.ts";
import type { TimeSlices } from "../../../lib/time-slices.ts";
import type { Background } from "../background/background.ts";
import type { BackgroundJob, BackgroundKind, BackgroundResult } from "../background/messages.ts";
import type { Documents } from "../documents.ts";
import type { Editing } from "../editing.ts";
import { judgingUpdate } from "../gate/gate.ts";
import type { JudgedUpdate } from "../lane/items.ts";
import { LiveDocument } from "../live-document.ts";
import type { LiveDocuments } from "../live-documents.ts";
import { documentFull } from "../refusals.ts";
import type { QuotedMessages } from "./quoted-messages.ts";

export interface ExchangeDeps {
  guard: DocumentGuard;
  documents: Documents;
  live: LiveDocuments;
  editing: Editing;
  slices: TimeSlices;
  /** A thread of its own: a document that takes long to convert holds up nothing but other conversions. */
  conversions: Background;
  messages: QuotedMessages;
  /** Says in a room that a document was made there; answers the message's id. Repeating it says it once. */
  postLink: (session: Session, document: { id: string; title: string; roomId: string }) => Promise<string>;
  onFault: (error: unknown) => void;
}

/** Formats that a document can be read in. */
export const exportFormats = ["md", "html", "json"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Documents from and to other formats. What comes in is an edit like any other: through the gate, and in the lane. */
export class Exchange {
  readonly #deps: ExchangeDeps;

  constructor(deps: ExchangeDeps) {
    this.#deps = deps;
  }

  /** Makes a document, with its first content or not at all. @throws Refusal */
  async create(session: Session, input: CommandPayload<"create_document">): Promise<CommandReply<"create_document">> {
    const { documents, postLink, onFault } = this.#deps;
    const { document } = await documents.create(session, input, await this.#seedOf(session, input));
    const { id, title, roomId } = document;
    if (input.fromMessageIds === undefined || roomId === null) return { document };
    try {
      return { document, messageId: await postLink(session, { id, title, roomId }) };
    } catch (error) {
      // The document is there, whether or not the room may be told of it.
      if (!(error instanceof Refusal)) onFault(error);
      return { document };
    }
  }

  /** Puts Markdown behind everything that stands in a document. @throws Refusal */
  async append(
    session: Session,
    { documentId, markdown }: CommandPayload<"append_document">,
  ): Promise<CommandReply<"append_document">> {
    const { guard, live, editing } = this.#deps;
    await guard.require(session, documentId, "edit");
    return await editing.inOrder(session, documentId, async () => {
      const base = (await live.openReady(documentId)).encodeSince();
      const update = await this.#convert({ kind: "import", markdown, base });
      const { seq } = await editing.commit(session, { documentId, update, maxBytes: limits.restUpdateBytes });
      return { seq };
    });
  }

  /** A document in another format. @throws Refusal `not_found`, `too_large` for what cannot be converted in time. */
  async export(
    session: Session,
    { documentId, format }: { documentId: string; format: ExportFormat },
  ): Promise<{ title: string; text: string }> {
    const { guard, live } = this.#deps;
    const { document } = await guard.require(session, documentId, "view");
    const content = (await live.openReady(documentId)).encodeSince();
    return { title: document.title, text: await this.#convert({ kind: "export", content, format }) };
  }

  async #seedOf(
    session: Session,
    { markdown, fromMessageIds }: CommandPayload<"create_document">,
  ): Promise<JudgedUpdate | undefined> {
    if (fromMessageIds !== undefined) {
      const messages = await this.#deps.messages.read(session, fromMessageIds);
      return await this.#judgeSeed(session, await this.#convert({ kind: "quoteMessages", messages }));
    }
    if (markdown === undefined) return undefined;
    return await this.#judgeSeed(session, await this.#convert({ kind: "import", markdown }));
  }

  async #convert<Kind extends BackgroundKind>(job: BackgroundJob<Kind>): Promise<BackgroundResult<Kind>> {
    try {
      return await this.#deps.conversions.run(job);
    } catch (error) {
      this.#deps.onFault(error);
      throw new Refusal("overloaded", "The document could not be converted now; try again", { retryAfterMs: 5_000 });
    }
  }

  /** What is made here passes the gate like what clients send. */
  async #judgeSeed({ userId }: Session, update: Uint8Array): Promise<JudgedUpdate> {
    const empty = new LiveDocument("", { position: 0, states: [], clients: [], snapshotBytes: 0 });
    const judged = { update, userId, maxBytes: limits.restUpdateBytes };
    const verdict = await this.#deps.slices.run(judgingUpdate(judged, empty));
    empty.close();
    if (verdict.kind === "new") return { update, clients: verdict.clients };
    if (verdict.kind === "refused" && verdict.code === "too_large") throw documentFull();
    throw new Error(
      `content that was made here was not let pass: ${"reason" in verdict ? verdict.reason : verdict.kind}`,
    );
  }
}
