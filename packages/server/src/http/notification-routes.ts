import { messages, type NewNotification, Refusal } from "@mirage/protocol";
import type { Context } from "hono";
import type { HttpApp, HttpEnvironment, HttpOptions } from "./http-options.ts";
import { readJson } from "./read-json.ts";
import type { RestCaller } from "./rest-caller.ts";

type Options = Pick<HttpOptions, "hostNotifications"> & {
  callerOf: (context: Context<HttpEnvironment>) => Promise<RestCaller>;
};

/** What back ends tell people and rooms. `Idempotency-Key` counts as the nonce where the body has none. */
export function addNotificationRoutes(app: HttpApp, { hostNotifications, callerOf }: Options): void {
  app.post("/api/v1/users/:userId/notifications", async (context) => {
    requireBackEnd(await callerOf(context));
    const notification = await hostNotifications.send(context.req.param("userId"), await readNotification(context));
    return context.json({ notification }, 201);
  });

  app.post("/api/v1/rooms/:roomId/notifications", async (context) => {
    requireBackEnd(await callerOf(context));
    const told = await hostNotifications.sendToRoom(context.req.param("roomId"), await readNotification(context));
    return context.json(told, 201);
  });
}

function requireBackEnd({ isBackEnd }: RestCaller): void {
  if (!isBackEnd) throw new Refusal("forbidden", messages.permissionDenied);
}

/** Whatever was sent, as far as it is an object; what is in it is checked by whoever sends it on. */
async function readNotification(context: Context<HttpEnvironment>): Promise<NewNotification> {
  const body = await readJson(context.req.raw);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Refusal("bad_request", "Invalid notification");
  }
  const key = context.req.header("idempotency-key");
  return { ...(key === undefined ? {} : { nonce: key }), ...body } as NewNotification;
}
