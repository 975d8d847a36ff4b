import type { Handlers } from "../../access/session.ts";
import type { Files } from "./files.ts";

/** What each command about files does. */
export function createFileHandlers(files: Files): Pick<Handlers, "get_file_urls"> {
  return {
    get_file_urls: async ({ session }, { fileIds }) => ({ urls: await files.listUrls(session, fileIds) }),
  };
}
