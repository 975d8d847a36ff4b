import type { SendResult } from "./send-result.ts";

export interface Mail {
  to: string;
  /** One line. */
  subject: string;
  text: string;
  /** Says the same; everything from people is escaped in it. */
  html: string;
  /** In angle brackets. The same for the same mail however often it is sent: by it receivers tell a repeat. */
  messageId: string;
  /** The Message-ID of what it belongs to, so that mails of one conversation stand together. */
  references?: string;
  /** Where one POST ends all mail to this person (RFC 8058). */
  unsubscribeUrl?: string;
}

/**
 * Hands mails to a mail server. `taken`: it is in the queue of that server, which then tries for days. `refused`: that server
 * wants this mail or this address never, RFC 5321 §4.2.1.
 */
export interface MailSender {
  /** Ends within the sender's own time limit and never throws. */
  send(mail: Mail): Promise<SendResult>;
  /** Says hello and signs in, sends nothing; answers why mail cannot be sent, or undefined. Never throws. */
  findFault(): Promise<string | undefined>;
}
