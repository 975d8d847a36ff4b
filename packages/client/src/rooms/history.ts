import type { CommandInput } from "@mirage/protocol";
import type { Requests } from "../connection/requests.ts";
import type { Timeline } from "./timeline.ts";

/** Where a page goes: before or after the window, or in its place. */
export type PagePlace = "before" | "after" | "instead";

export interface PageTarget {
  requests: Pick<Requests, "call">;
  timeline: Timeline;
  place: PagePlace;
}

/** Asks for one page of history and puts it into the timeline in the moment it comes. */
export function loadPage(target: PageTarget, input: CommandInput<"get_messages">): Promise<void> {
  const load = target.timeline.startLoad(target.place);
  return new Promise((resolve, reject) => {
    target.requests.call("get_messages", input, (outcome) => {
      if (!outcome.ok) {
        load.abandon();
        reject(outcome.error);
        return;
      }
      const { messages, hasMore, hasMoreBefore, hasMoreAfter } = outcome.reply;
      const isNewest = input.around === undefined && input.after === undefined;
      load.finish({
        messages,
        hasMoreBefore: hasMoreBefore ?? (input.after === undefined && hasMore),
        hasMoreAfter: hasMoreAfter ?? (!isNewest && hasMore),
      });
      resolve();
    });
  });
}
