import type { Handlers } from "../../../access/session.ts";
import type { Exchange } from "./exchange.ts";

/** What each command does that takes content in another format. */
export function createExchangeHandlers({
  exchange,
}: {
  exchange: Exchange;
}): Pick<Handlers, "create_document" | "append_document"> {
  return {
    create_document: ({ session }, input) => exchange.create(session, input),
    append_document: ({ session }, input) => exchange.append(session, input),
  };
}
