import { Readable } from "node:stream";
import { Refusal } from "@mirage/protocol";
import type { Context } from "hono";
import { contentDisposition } from "../features/files/file-names.ts";
import type { Download } from "../features/files/files.ts";
import type { ByteRange } from "../ports/blob-store.ts";
import type { HttpApp, HttpEnvironment, HttpOptions } from "./http-options.ts";

type Options = Pick<HttpOptions, "files" | "settings" | "clock">;

/**
 * `/files/<id>?variant&expires&signature`: whoever has the address may read until it expires or the file is gone. Whatever a
 * file is, nothing of it runs in a page of ours.
 */
export function addDownloadRoute(app: HttpApp, { files, settings, clock }: Options): void {
  app.get("/files/:fileId", async (context) => {
    const { variant = "", expires = "", signature = "" } = context.req.query();
    const download = await files.find({ fileId: context.req.param("fileId"), variant, expires, signature });
    if (!download) throw new Refusal("forbidden", "This address is not valid, or not any more");
    const headers = headersOf(download, {
      maxAgeMs: download.expiresAtMs - clock.now(),
      // Pages of other sites that this server is there for show files too.
      reach: settings.corsOrigins.length > 0 ? "cross-origin" : "same-origin",
    });
    if (matches(context.req.header("if-none-match"), headers.etag)) return context.body(null, 304, headers);
    const range = readRange(context, headers.etag, download.size);
    if (range === "outside") {
      return context.body(null, 416, { ...headers, "content-range": `bytes */${download.size}` });
    }
    return await send(context, download, { headers, range });
  });
}

async function send(
  context: Context<HttpEnvironment>,
  download: Download,
  { headers, range }: { headers: Record<string, string>; range: ByteRange | undefined },
): Promise<Response> {
  const { first, last } = range ?? { first: 0, last: download.size - 1 };
  const all = { ...headers, "content-length": String(last - first + 1) };
  const partial = { ...all, "content-range": `bytes ${first}-${last}/${download.size}` };
  const [status, answer] = range ? ([206, partial] as const) : ([200, all] as const);
  if (context.req.method === "HEAD") return context.body(null, status, answer);
  const stream = await download.open(range);
  if (!stream) throw new Refusal("forbidden", "This address is not valid, or not any more");
  return context.body(Readable.toWeb(stream) as ReadableStream<Uint8Array>, status, answer);
}

function headersOf(download: Download, { maxAgeMs, reach }: { maxAgeMs: number; reach: string }) {
  const { name, type, isShown, tag } = download;
  return {
    "content-type": type === "text/plain" ? "text/plain; charset=utf-8" : type,
    "content-disposition": contentDisposition(isShown ? "inline" : "attachment", name),
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": reach,
    "cache-control": `private, max-age=${Math.max(0, Math.floor(maxAgeMs / 1_000))}`,
    "accept-ranges": "bytes",
    etag: `"${tag}"`,
  };
}

function matches(header: string | undefined, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

/** One range (RFC 9110 §14.2). Several, or something else, count as none: then all of it is sent. */
function readRange(context: Context<HttpEnvironment>, etag: string, size: number): ByteRange | "outside" | undefined {
  const condition = context.req.header("if-range");
  if (condition !== undefined && condition !== etag) return undefined;
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(context.req.header("range") ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  return first > last ? "outside" : { first, last };
}
