import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** One mail as it arrived. */
export interface ReceivedMail {
  to: string;
  /** By their names in small letters, unfolded. */
  headers: Record<string, string>;
  text: string;
  html: string;
  /** The connection was encrypted by then. */
  isSecure: boolean;
}

/** What the server says to a step, or nothing for yes; a promise may keep it waiting. */
type Verdict = { code: number; text: string } | undefined;

/** A mail server on this machine that takes everything, unless told otherwise. */
export interface MailEndpoint {
  /** What `ALLOW_PRIVATE_TARGETS` has to name. */
  readonly target: string;
  /** Without a user; STARTTLS is offered with a certificate that nobody has signed. */
  readonly url: string;
  /** Everything that came, whatever was answered. */
  readonly received: ReceivedMail[];
  /** What the next recipients, and the next mails, are answered with. */
  onRecipient: (address: string) => Verdict | Promise<Verdict>;
  onMail: (mail: ReceivedMail) => Verdict | Promise<Verdict>;
  close(): Promise<void>;
}

export interface MailEndpointOptions {
  /** Only this user may send. */
  user?: { name: string; password: string };
  /** An endpoint that was closed, to come back where it was. */
  port?: number;
}

/** Starts one; `port` 0 or none: a free one. */
export async function startMailEndpoint(options: MailEndpointOptions = {}): Promise<MailEndpoint> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    ...authOf(options.user),
    disableReverseLookup: true,
    // Its certificate is known to everybody; this keeps it from saying so in every test.
    logger: false,
    // What is open is not waited for.
    closeTimeout: 1,
    onRcptTo: ({ address }, _session, done) => settle(() => endpoint.onRecipient(address), done),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const to = session.envelope.rcptTo[0]?.address ?? "";
        const mail = { to, ...parseMail(Buffer.concat(chunks).toString("latin1")), isSecure: session.secure };
        received.push(mail);
        settle(() => endpoint.onMail(mail), done);
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const target = `127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const endpoint: MailEndpoint = {
    target,
    url: `smtp://${target}?tls=unverified`,
    received,
    onRecipient: () => undefined,
    onMail: () => undefined,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return endpoint;
}

function authOf(user: MailEndpointOptions["user"]): SMTPServerOptions {
  if (!user) return { authOptional: true };
  return {
    onAuth({ username, password }, _session, done) {
      if (username === user.name && password === user.password) done(null, { user: username });
      else done(Object.assign(new Error("no such user"), { responseCode: 535 }));
    },
  };
}

async function settle(decide: () => Verdict | Promise<Verdict>, done: (error?: Error | null) => void): Promise<void> {
  const verdict = await decide();
  done(verdict ? Object.assign(new Error(verdict.text), { responseCode: verdict.code }) : null);
}

/** A mail of two alternatives, as ours are; `source` holds one character a byte. */
function parseMail(source: string): Pick<ReceivedMail, "headers" | "text" | "html"> {
  const whole = partOf(source);
  const boundary = /boundary="?([^";]+)/.exec(whole.headers["content-type"] ?? "")?.[1] ?? "";
  const parts = `\r\n${whole.body}`
    .split(`\r\n--${boundary}`)
    .slice(1, -1)
    .map((part) => partOf(part.replace(/^\r\n/, "")));
  const bodyOf = (type: string): string => {
    const part = parts.find(({ headers }) => headers["content-type"]?.startsWith(type));
    return part ? decodeBody(part.body, part.headers["content-transfer-encoding"]) : "";
  };
  return { headers: whole.headers, text: bodyOf("text/plain"), html: bodyOf("text/html") };
}

function partOf(source: string): { headers: Record<string, string>; body: string } {
  const end = source.indexOf("\r\n\r\n");
  const lines = source
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())] as const;
  });
  return { headers: Object.fromEntries(headers), body: source.slice(end + 4) };
}

/** Encoded words of a header (RFC 2047); white space between two of them is none. */
function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === "b" ? Buffer.from(word, "base64").toString() : decodeQuoted(word.replaceAll("_", " ")),
    );
}

function decodeBody(body: string, encoding: string | undefined): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  const text = encoding === "quoted-printable" ? decodeQuoted(body) : Buffer.from(body, "latin1").toString();
  return text.replaceAll("\r\n", "\n");
}

function decodeQuoted(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, "")
    .replace(/=([\dA-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, "latin1").toString();
}
