import type { Database } from "../database/database.ts";
import type { StreamRead, StreamSource } from "./change.ts";
import { ChatStreams } from "./chat-lane/read-streams.ts";
import type { Topic } from "./topics.ts";

/** How streams of a kind that the chat lane does not write are read: see `StreamSource.readSince`. */
export type ReadSince = (stream: Topic, since: number) => Promise<StreamRead>;

/** Reads each stream as its kind is read: rooms and people by the chat lane, documents by their feature. */
export class StreamSources implements StreamSource {
  readonly #chat: ChatStreams;
  readonly #readDocument: ReadSince | undefined;

  constructor(options: { database: Database; readDocument?: ReadSince | undefined }) {
    this.#chat = new ChatStreams(options.database);
    this.#readDocument = options.readDocument;
  }

  readHeads(streams: readonly Topic[]): Promise<Map<Topic, number>> {
    return this.#chat.readHeads(streams);
  }

  readSince(stream: Topic, since: number): Promise<StreamRead> {
    const readDocument = stream.startsWith("doc:") ? this.#readDocument : undefined;
    return readDocument ? readDocument(stream, since) : this.#chat.readSince(stream, since);
  }
}
