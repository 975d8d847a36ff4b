import { z } from "zod";
import { command } from "../command.ts";
import { fileUrlSchema } from "../entities.ts";
import { limits } from "../limits.ts";
import { fileId } from "./fields.ts";

/** Files come by `POST /api/v1/files?name=…` with their bytes as the body, and go by addresses that soon expire. */
export const fileCommands = {
  get_file_urls: command({
    summary: "Answers where files can be had; those that the caller may not read, or that are gone, are left out.",
    feature: "core",
    since: 1,
    input: z.object({ fileIds: z.array(fileId).min(1).max(limits.fileUrls) }),
    reply: z.object({ urls: z.array(fileUrlSchema) }),
    errors: [],
    limit: "history",
  }),
};
