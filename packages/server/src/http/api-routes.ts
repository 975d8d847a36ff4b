import { messages, protocolVersion, Refusal } from "@mirage/protocol";
import type { Context } from "hono";
import { createAsyncApi } from "./asyncapi.ts";
import { addDocumentRoutes } from "./document-routes.ts";
import type { HttpApp, HttpEnvironment, HttpOptions } from "./http-options.ts";
import { addNotificationRoutes } from "./notification-routes.ts";
import { createOpenApi } from "./openapi.ts";
import { readJson } from "./read-json.ts";
import { createRestCallers, requireSession } from "./rest-caller.ts";
import { isRestCommand, runCommand } from "./run-command.ts";
import { addUploadRoute } from "./upload-route.ts";

/** `/api/v1`: every command, the resources that back ends use, and what describes them. */
export function addApiRoutes(app: HttpApp, options: HttpOptions): void {
  const findCaller = createRestCallers(options);
  const callerOf = (context: Context<HttpEnvironment>) => findCaller(context.req.raw.headers);
  const openApi = createOpenApi({ version: options.version });
  const asyncApi = createAsyncApi({ version: options.version });

  app.post("/api/v1/commands/:name", async (context) => {
    const session = requireSession(await callerOf(context));
    const name = context.req.param("name");
    if (!isRestCommand(name)) throw new Refusal("not_found", "Unknown command");
    const reply = await runCommand(options, { session, name, input: await readJson(context.req.raw) });
    return context.json({ ok: true, ...reply });
  });

  app.post("/api/v1/rooms/:roomId/messages", async (context) => {
    const session = requireSession(await callerOf(context));
    const body = await readJson(context.req.raw);
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      throw new Refusal("bad_request", messages.contentRequired);
    }
    const input = { ...body, roomId: context.req.param("roomId") };
    const reply = await runCommand(options, { session, name: "chat_message", input });
    return context.json(reply, reply.duplicate === true ? 200 : 201);
  });

  app.get("/api/v1/rooms/:roomId/messages", async (context) => {
    const session = requireSession(await callerOf(context));
    const input = { ...numbersOf(context.req.query()), roomId: context.req.param("roomId") };
    return context.json(await runCommand(options, { session, name: "get_messages", input }));
  });

  addNotificationRoutes(app, { ...options, callerOf });
  addDocumentRoutes(app, { ...options, callerOf });
  addUploadRoute(app, { ...options, callerOf });

  app.get("/api/v1/users/connected", async (context) => {
    const { isBackEnd, session } = await callerOf(context);
    if (!isBackEnd && session?.isAdmin !== true) throw new Refusal("forbidden", messages.permissionDenied);
    const users = options.listConnectedUsers();
    // An administrator is a person, from whom others may hide; the host's own back end counts connections.
    return context.json({ users: isBackEnd ? users : users.filter(({ userId }) => !options.isInvisible(userId)) });
  });

  app.get("/api/v1/openapi.json", (context) => context.json(openApi));
  app.get("/api/v1/asyncapi.json", (context) => context.json(asyncApi));
  app.get("/api/v1/config.json", (context) => context.json(publicConfig(options)));
}

/** What a page needs to know before anybody has signed in. */
function publicConfig({ settings, isEnabled, version }: HttpOptions) {
  return {
    version,
    protocol: protocolVersion,
    chat: isEnabled("chat"),
    notifications: isEnabled("notifications"),
    documents: isEnabled("documents"),
    signIn: { password: true, guest: true, discord: settings.discord !== undefined },
    publicUrl: settings.publicUrl ?? null,
    /** Bytes; 0: there is no limit. */
    fileSizeLimit: settings.fileSizeLimit,
  };
}

function numbersOf(query: Record<string, string>): Record<string, unknown> {
  const numbers = Object.entries(query).map(([name, value]) => [
    name,
    /^\d{1,16}$/.test(value) ? Number(value) : value,
  ]);
  return Object.fromEntries(numbers);
}
