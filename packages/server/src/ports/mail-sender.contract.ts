import { describe, expect, it } from "vitest";
import type { Mail, MailSender } from "./mail-sender.ts";

/** A mail as the server on the other side has it. */
export interface ArrivedMail {
  to: string;
  /** By their names in small letters, unfolded and decoded. */
  headers: Record<string, string>;
  text: string;
  html: string;
}

/** One sender and the mail server that it hands mail to. */
export interface MailSenderSubject {
  sender: MailSender;
  /** What the server answers to the next recipients; undefined: it takes them. */
  answerRecipients(code: number | undefined): void;
  /** What it answers to the next mails; null: nothing, ever. */
  answerMails(code: number | undefined | null): void;
  /** Everything that arrived, whatever was answered. */
  listArrived(): ArrivedMail[];
  /** Has so much time go by for the sender, as soon as it waits. */
  pass(ms: number): Promise<void>;
  /** Nobody is there from now on. */
  goDown(): Promise<void>;
}

const mail: Mail = {
  to: "ana@example.com",
  subject: "Ünread in a room whose name is rather long, so that the line it stands on has to be folded somewhere",
  text: "Hello ☂\n.\nFrom here on\n",
  html: "<p>Hello ☂</p>\n",
  messageId: "<one@example.com>",
  references: "<root@example.com>",
  unsubscribeUrl: `https://chat.example/stop?token=${"x".repeat(120)}`,
};

/** What every sender of mail keeps. */
export function describeMailSender(name: string, make: () => Promise<MailSenderSubject>): void {
  describe(`mail sender: ${name}`, () => {
    it("[NOTE-20] what is taken arrives as it was handed over, with all that programs go by", async () => {
      const { sender, listArrived } = await make();
      expect(await sender.findFault()).toBeUndefined();
      expect(await sender.send(mail)).toEqual({ kind: "taken" });
      const [arrived] = listArrived();
      expect(arrived).toMatchObject({ to: mail.to, text: mail.text, html: mail.html });
      expect(arrived?.headers).toMatchObject({
        to: mail.to,
        subject: mail.subject,
        "message-id": mail.messageId,
        references: mail.references,
        "in-reply-to": mail.references,
        "list-unsubscribe": `<${mail.unsubscribeUrl}>`,
        "list-unsubscribe-post": "List-Unsubscribe=One-Click",
        "auto-submitted": "auto-generated",
      });
    });

    it("[NOTE-23] tells an address that is refused, a server that has no time, and one that is not there", async () => {
      const { sender, answerRecipients, answerMails, goDown } = await make();
      answerRecipients(550);
      expect(await sender.send(mail)).toEqual({ kind: "refused", reason: expect.stringContaining("550") });
      answerRecipients(450);
      expect(await sender.send(mail)).toEqual({ kind: "later", reason: expect.stringContaining("450") });
      answerRecipients(undefined);
      answerMails(554);
      expect(await sender.send(mail)).toMatchObject({ kind: "refused" });
      answerMails(451);
      const later = await sender.send(mail);
      expect(later).toMatchObject({ kind: "later" });
      expect(later).not.toHaveProperty("isOutage");
      await goDown();
      expect(await sender.send(mail)).toMatchObject({ kind: "later", isOutage: true });
      expect(await sender.findFault()).toEqual(expect.any(String));
    });

    it("[NOTE-23] gives up on a server that falls silent within half a minute", async () => {
      const { sender, answerMails, pass } = await make();
      answerMails(null);
      const sending = sender.send(mail);
      await pass(30_000);
      expect(await sending).toMatchObject({ kind: "later", reason: expect.stringContaining("in time") });
    });

    it("[NOTE-22] takes no line break for the end of a header", async () => {
      const { sender, listArrived } = await make();
      await sender.send({ ...mail, subject: "One\r\nBcc: eve@example.com\r\n\r\nTwo" });
      const [arrived] = listArrived();
      expect(arrived?.headers).not.toHaveProperty("bcc");
      expect(arrived?.headers.subject).toMatch(/^One/);
      expect(arrived?.text).toBe(mail.text);
    });
  });
}
