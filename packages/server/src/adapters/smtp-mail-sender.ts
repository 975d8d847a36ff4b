/** Mail over SMTP (RFC 5321), one connection a mail, encrypted by STARTTLS or from the start. */
import { connect, type Socket } from "node:net";
import { createTransport } from "nodemailer";
import type { MailServer } from "../config/mail-settings.ts";
import type { Clock } from "../ports/clock.ts";
import type { Mail, MailSender } from "../ports/mail-sender.ts";
import type { SendResult } from "../ports/send-result.ts";
import { type TargetGuard, TargetRefused } from "./target-guard.ts";

export interface SmtpMailOptions {
  server: MailServer;
  /** An address, or a name with one in angle brackets. */
  from: string;
  guard: TargetGuard;
  clock: Clock;
}

/** A whole mail, name resolution and sign-in included. */
const timeoutMs = 20_000;

export class SmtpMailSender implements MailSender {
  readonly #options: SmtpMailOptions;

  constructor(options: SmtpMailOptions) {
    this.#options = options;
  }

  async send(mail: Mail): Promise<SendResult> {
    const { to, subject, text, html, messageId, references, unsubscribeUrl } = mail;
    const message = {
      from: this.#options.from,
      to: { name: "", address: to },
      subject,
      text,
      html,
      messageId,
      ...(references === undefined ? {} : { references, inReplyTo: references }),
      headers: {
        // Nobody's absence note is wanted in return (RFC 3834 §5).
        "Auto-Submitted": "auto-generated",
        ...(unsubscribeUrl === undefined
          ? {}
          : {
              "List-Unsubscribe": { prepared: true, value: `<${unsubscribeUrl}>` },
              "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }),
      },
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    try {
      await this.#withinTime((signal) => this.#createTransport(signal).sendMail({ ...message, signal }));
      return { kind: "taken" };
    } catch (error) {
      return resultOf(error);
    }
  }

  async findFault(): Promise<string | undefined> {
    try {
      await this.#withinTime((signal) => this.#createTransport(signal).verify());
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  #createTransport(signal: AbortSignal) {
    const { host, port, tls, isVerified, auth } = this.#options.server;
    const name = host.replace(/^\[|\]$/g, "");
    return createTransport({
      host: name,
      port,
      secure: tls === "start",
      requireTLS: tls === "required",
      ignoreTLS: tls === "off",
      ...(auth ? { auth } : {}),
      tls: { rejectUnauthorized: isVerified },
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      getSocket: (_options: unknown, done: GiveSocket) => {
        this.#open(signal).then(
          (connection) => done(null, { connection }),
          (error: Error) => done(error, false),
        );
      },
    });
  }

  /** A connection to an address that was looked at, and to no other. */
  #open(signal: AbortSignal): Promise<Socket> {
    const { server, guard } = this.#options;
    // An address by number is looked up by nobody, so it has to be looked at here.
    if (guard.isPrivateLiteral(server)) return Promise.reject(new TargetRefused("the address is not a public one"));
    return new Promise((resolve, reject) => {
      const host = server.host.replace(/^\[|\]$/g, "");
      const socket = connect({ host, port: server.port, lookup: guard.lookupFor(server), signal });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(socket);
      });
    });
  }

  async #withinTime<Result>(act: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const abort = new AbortController();
    const timer = this.#options.clock.after(timeoutMs, () => abort.abort(new Error("time-out")));
    try {
      return await act(abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      timer.cancel();
    }
  }
}

type GiveSocket = (error: Error | null, socket: { connection: Socket } | false) => void;

/** What the library says of a failure; `command` is the one that failed. */
type SmtpError = Error & { code?: string; command?: string; responseCode?: number; originalCode?: string };

/** Only an answer about this mail or its address counts against them: who is not let in at all is told so by all commands. */
function resultOf(error: unknown): SendResult {
  const reason = reasonOf(error);
  const { command, responseCode = 0 } = error as SmtpError;
  const isAboutMail = (command === "RCPT TO" || command === "DATA") && responseCode !== 503 && responseCode !== 530;
  if (isAboutMail && responseCode >= 500) return { kind: "refused", reason };
  if (isAboutMail && responseCode >= 400) return { kind: "later", reason };
  if ((error as SmtpError).code === "EENVELOPE" && responseCode === 0) return { kind: "refused", reason };
  return { kind: "later", reason, isOutage: true };
}

/** Numbers and codes alone: what a server writes beside them may repeat what it was sent. */
function reasonOf(error: unknown): string {
  if (error instanceof TargetRefused) return error.message;
  const { code, originalCode, command, responseCode, message } = error as SmtpError;
  if (message === "time-out") return "the mail server did not answer in time";
  if (responseCode !== undefined && responseCode > 0) {
    return `the mail server answered ${responseCode} to ${command ?? "the connection"}`;
  }
  return `no answer of the mail server (${originalCode ?? code ?? "unknown"})`;
}
