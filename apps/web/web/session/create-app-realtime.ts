import { createRealtime, type Realtime, RealtimeError } from "@mirage/client";
import { findToken } from "./auth-api.ts";

/** The app's one connection; its tokens come from the session cookie. */
export function createAppRealtime(userId: string): Realtime {
  const url = process.env.NEXT_PUBLIC_WS_URL;
  return createRealtime({
    userId,
    ...(url ? { url } : {}),
    async getToken() {
      const token = await findToken();
      if (token === undefined) throw new RealtimeError("unauthenticated", "The session has ended");
      return token;
    },
  });
}
