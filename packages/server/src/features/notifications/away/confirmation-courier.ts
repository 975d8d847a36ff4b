import type { Courier, Sent } from "./courier.ts";
import type { ClaimedDelivery } from "./deliveries.store.ts";
import type { WaitingAddress } from "./email-addresses.store.ts";
import { confirmationLetter, inApp } from "./mail-letters.ts";
import { type MailingDeps, sentOf } from "./mailing.ts";

/** Mails the links that confirm addresses. */
export class ConfirmationCourier implements Courier {
  readonly channel = "confirmation";
  readonly #deps: MailingDeps;

  constructor(deps: MailingDeps) {
    this.#deps = deps;
  }

  async deliver(batch: readonly ClaimedDelivery[]): Promise<Sent[]> {
    const { addresses, clock } = this.#deps;
    const ids = batch.map(({ id }) => id);
    const waiting = new Map(
      (await addresses.listWaiting(ids, new Date(clock.now()))).map((one) => [one.deliveryId, one]),
    );
    return await Promise.all(
      batch.map(async ({ id, attempts }): Promise<Sent> => {
        const one = waiting.get(id);
        return one ? await this.#mail(one, attempts) : { outcome: "unwanted" };
      }),
    );
  }

  /** What comes of it is shown to nobody: whoever asked may be asking for somebody else's address. */
  async #mail({ userId, address, nonce }: WaitingAddress, attempts: number): Promise<Sent> {
    const { sender, links, identify, publicUrl } = this.#deps;
    const token = links.sign("confirm", [userId, nonce]);
    const confirmUrl = inApp(publicUrl, `/api/v1/email/confirm?token=${token}`);
    const letter = confirmationLetter({ publicUrl, confirmUrl });
    const messageId = identify("confirmation", userId, nonce);
    return sentOf(await sender.send({ to: address, ...letter, messageId }), { ...this.#deps, attempts });
  }
}
