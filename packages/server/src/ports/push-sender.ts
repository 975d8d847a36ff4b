import type { SendResult } from "./send-result.ts";

/** A browser's subscription: where its push service is, and the keys that only the browser can open (base64url). */
export interface PushSubscription {
  endpoint: string;
  p256dh: string;
  auth: string;
}

export interface Push {
  /** JSON as `PushPayload`; nobody between us and the browser can read it. */
  payload: string;
  /** At most 32 characters, base64url: what waits at the push service under the same one is replaced. */
  topic: string;
  isUrgent: boolean;
}

/** Hands pushes to the push services of browsers. */
export interface PushSender {
  /** What browsers subscribe with, base64url. */
  readonly publicKey: string;
  /** Why nothing is ever sent there, as far as the address itself says so; undefined: it may be tried. */
  refusalOf(endpoint: string): string | undefined;
  /** Ends within the sender's own time limit and never throws. */
  send(subscription: PushSubscription, push: Push): Promise<SendResult>;
}
