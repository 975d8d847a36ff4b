import { z } from "zod";

/** How mail leaves this server. */
export interface MailSettings {
  /** As `MAIL_URL`. It may hold a password. */
  url: string;
  /** As `MAIL_FROM`. */
  from: string;
  /** What its links begin with. */
  publicUrl: string;
  /** How long something may stay unread before it is mailed. */
  delayMs: number;
}

/** What `MAIL_URL` says. */
export interface MailServer {
  /** As in an address: IPv6 in brackets. */
  host: string;
  port: number;
  /** `start`: from the first byte; `required` and `offered`: by STARTTLS; `off`: never. */
  tls: "start" | "required" | "offered" | "off";
  /** Whether its certificate has to be valid. */
  isVerified: boolean;
  auth: { user: string; pass: string } | undefined;
}

/** Reads an address that `mailUrlSchema` has passed. A password never travels in the open unless the address says so. */
export function parseMailUrl(text: string): MailServer {
  const url = new URL(text);
  const isTls = url.protocol === "smtps:";
  const option = url.searchParams.get("tls");
  const auth =
    url.username === ""
      ? undefined
      : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  const byStartTls = auth || option === "required" ? "required" : "offered";
  return {
    host: url.hostname,
    port: Number(url.port || (isTls ? 465 : 587)),
    tls: isTls ? "start" : option === "off" ? "off" : byStartTls,
    isVerified: option !== "unverified",
    auth,
  };
}

const tlsOptions = ["required", "unverified", "off"];

/** `smtp://` or `smtps://`, with a host, perhaps user and password, and nothing else but `?tls=`. */
export const mailUrlSchema = z
  .string()
  .refine(isMailUrl, {
    error:
      "write smtp://user:password@host:port or smtps://…, special characters as %xx, at most with ?tls=required, unverified or off",
  })
  .optional();

function isMailUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, searchParams, hash, username, password } = new URL(text);
  const isSmtp = protocol === "smtp:" || (protocol === "smtps:" && searchParams.get("tls") !== "off");
  const isBare = (pathname === "" || pathname === "/") && hash === "" && (username !== "") === (password !== "");
  const isOption = [...searchParams].every(([name, value]) => name === "tls" && tlsOptions.includes(value));
  return isSmtp && hostname !== "" && isBare && isOption && isDecodable(username) && isDecodable(password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Whom mail comes from: an address, or a name with an address in angle brackets. */
export const mailFromSchema = z
  .string()
  .refine((text) => z.email().safeParse(addressOf(text)).success && !/[\p{Cc}"\\,;:]/u.test(nameOf(text)), {
    error: "write chat@example.com, or Chat <chat@example.com>",
  })
  .optional();

/** The address in what `mailFromSchema` has passed. */
export function addressOf(from: string): string {
  return /<([^<>]*)>$/.exec(from)?.[1] ?? from;
}

function nameOf(from: string): string {
  return from.includes("<") ? from.slice(0, from.indexOf("<")) : "";
}
