import { createHmac } from "node:crypto";
import type { LinkTokens } from "../../../lib/link-tokens.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { MailSender } from "../../../ports/mail-sender.ts";
import type { SendResult } from "../../../ports/send-result.ts";
import type { Sent } from "./courier.ts";
import { pauseMs } from "./deliveries.policy.ts";
import type { EmailAddressStore } from "./email-addresses.store.ts";

/** What every courier of mail needs. */
export interface MailingDeps {
  addresses: EmailAddressStore;
  sender: MailSender;
  clock: Clock;
  /** From 0 to 1. */
  random: () => number;
  links: LinkTokens;
  identify: MessageIds;
  /** What links begin with. */
  publicUrl: string;
}

/** What becomes of a delivery whose one mail was handed over, or was not. */
export function sentOf(result: SendResult, at: { attempts: number; clock: Clock; random: () => number }): Sent {
  if (result.kind === "taken") return { outcome: "sent" };
  if (result.kind !== "later") return { outcome: "refused" };
  const attempts = at.attempts + 1;
  const pause = pauseMs({ ...result, attempts }, at.random());
  return pause === undefined
    ? { outcome: "given_up" }
    : { outcome: "retried", dueAtMs: at.clock.now() + pause, attempts };
}

/** Makes the Message-ID of what its parts name: always the same, and none like it anywhere else. */
export type MessageIds = (...parts: readonly string[]) => string;

export function createMessageIds(key: string, domain: string): MessageIds {
  return (...parts) => {
    const name = createHmac("sha256", key).update(JSON.stringify(parts)).digest("hex").slice(0, 40);
    return `<${name}@${domain}>`;
  };
}
