import type { Mail } from "../../../ports/mail-sender.ts";
import type { Courier, Sent } from "./courier.ts";
import type { ClaimedDelivery } from "./deliveries.store.ts";
import type { MailResult } from "./email-addresses.store.ts";
import { inApp, unreadLetter } from "./mail-letters.ts";
import { type MailingDeps, sentOf } from "./mailing.ts";
import type { Parcel, UnreadJudge } from "./unread-judge.ts";

export interface MailCourierDeps extends MailingDeps {
  judge: UnreadJudge;
  /** How long something may stay unread before it is mailed. */
  delayMs: number;
}

/** Mails all that is unread of a conversation, together. */
export class MailCourier implements Courier {
  readonly channel = "email";
  readonly #deps: MailCourierDeps;

  constructor(deps: MailCourierDeps) {
    this.#deps = deps;
  }

  async deliver(batch: readonly ClaimedDelivery[]): Promise<Sent[]> {
    const { judge, addresses, delayMs } = this.#deps;
    const noted: MailResult[] = [];
    const send = (parcel: Parcel) => this.#mail(parcel, noted);
    const sent = await judge.sendWanted(batch, { channel: this.channel, delayMs, send });
    if (noted.length > 0) await addresses.note(noted);
    return sent;
  }

  async #mail(parcel: Parcel, noted: MailResult[]): Promise<Sent> {
    const { delivery, facts } = parcel;
    const { userId, attempts } = delivery;
    const { email: address } = facts;
    if (address === null) return { outcome: "unreachable" };
    const result = await this.#deps.sender.send(this.#mailOf(address, parcel));
    if (result.kind === "taken") noted.push({ userId, address, error: null });
    else if (result.kind !== "later") noted.push({ userId, address, error: result.reason });
    return sentOf(result, { ...this.#deps, attempts });
  }

  #mailOf(address: string, { delivery: { userId, subject, fromSeq }, wanted }: Parcel): Mail {
    const { links, identify, publicUrl } = this.#deps;
    const token = links.sign("unsubscribe", [userId]);
    const unsubscribeUrl = inApp(publicUrl, `/api/v1/email/unsubscribe?token=${token}`);
    return {
      to: address,
      ...unreadLetter(wanted, { publicUrl, unsubscribeUrl }),
      messageId: identify("unread", userId, subject, String(fromSeq)),
      references: identify("conversation", userId, subject),
      unsubscribeUrl,
    };
  }
}
