import type { Handlers } from "../../access/session.ts";
import type { Presence } from "./presence.ts";

/** What each command about presence does. */
export function createPresenceHandlers(presence: Presence): Pick<Handlers, "presence_update" | "watch_presence"> {
  return {
    presence_update: ({ session }, input) => presence.update(session, input),
    watch_presence: ({ session }, { userIds }) => presence.watch(session, userIds),
  };
}
