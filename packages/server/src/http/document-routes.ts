import { type CommandName, Refusal } from "@mirage/protocol";
import type { Context } from "hono";
import type { Session } from "../access/session.ts";
import { type ExportFormat, exportFormats } from "../features/documents/exchange/exchange.ts";
import { requireDocumentId } from "./document-id.ts";
import type { HttpApp, HttpEnvironment, HttpOptions } from "./http-options.ts";
import { readObject } from "./read-json.ts";
import { type RestCaller, requireSession } from "./rest-caller.ts";
import { runCommand } from "./run-command.ts";

type Options = HttpOptions & { callerOf: (context: Context<HttpEnvironment>) => Promise<RestCaller> };

const bytesType = "application/octet-stream";
const mediaTypes: Record<ExportFormat, string> = { md: "text/markdown", html: "text/html", json: "application/json" };

/** Documents as resources: made and added to from Markdown, read in other formats, and given updates of Yjs. */
export function addDocumentRoutes(app: HttpApp, options: Options): void {
  const { documents, callerOf } = options;

  app.post("/api/v1/documents", async (context) => {
    const session = requireSession(await callerOf(context));
    const input = await readObject(context.req.raw);
    return context.json(await runCommand(options, { session, name: "create_document", input }), 201);
  });

  app.post("/api/v1/documents/:documentId/append", async (context) => {
    const session = requireSession(await callerOf(context));
    const input = { ...(await readObject(context.req.raw)), documentId: context.req.param("documentId") };
    return context.json(await runCommand(options, { session, name: "append_document", input }));
  });

  app.post("/api/v1/documents/:documentId/updates", async (context) => {
    const session = requireSession(await callerOf(context));
    spend(options, session, "collaborative_edit");
    if (context.req.header("content-type") !== bytesType)
      throw new Refusal("bad_request", `The body is one Yjs update, as ${bytesType}`);
    const update = new Uint8Array(await context.req.raw.arrayBuffer());
    return context.json(await documents.addUpdate(session, { documentId: documentIdOf(context), update }));
  });

  app.get("/api/v1/documents/:name{[^/]+\\.(?:md|html|json)}", async (context) => {
    const session = requireSession(await callerOf(context));
    spend(options, session, "read_version");
    const name = context.req.param("name");
    const format = exportFormats.find((known) => name.endsWith(`.${known}`)) ?? "json";
    const documentId = requireDocumentId(name.slice(0, -format.length - 1));
    const { title, text } = await documents.export(session, { documentId, format });
    // Opened by itself in a browser it is a page of somebody's words: nothing in it runs or loads.
    context.header("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'");
    context.header("content-type", `${mediaTypes[format]}; charset=utf-8`);
    return context.body(format === "html" ? pageOf(title, text) : text);
  });
}

/** What `runCommand` does before a command, for what carries bytes or whole texts. */
function spend({ isEnabled, rateLimits, clock }: Options, { userId }: Session, as: CommandName): void {
  if (!isEnabled("documents")) throw new Refusal("disabled", "Feature is disabled");
  const limited = rateLimits.spend(userId, as, clock.monotonicMs());
  if (limited !== undefined) throw limited;
}

const documentIdOf = (context: Context<HttpEnvironment>): string =>
  requireDocumentId(context.req.param("documentId") ?? "");

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function pageOf(title: string, body: string): string {
  const words = title.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? "");
  return `<!doctype html>\n<html><head><meta charset="utf-8"><title>${words}</title></head>\n<body>\n${body}\n</body></html>\n`;
}
