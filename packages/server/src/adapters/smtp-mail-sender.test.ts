import { createServer } from "node:net";
import { eventually, FakeClock, type MailEndpoint, startMailEndpoint } from "@mirage/testing";
import { afterEach, expect, test } from "vitest";
import { parseMailUrl } from "../config/mail-settings.ts";
import { describeMailSender } from "../ports/mail-sender.contract.ts";
import { SmtpMailSender } from "./smtp-mail-sender.ts";
import { TargetGuard } from "./target-guard.ts";

const open: MailEndpoint[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((endpoint) => endpoint.close()));
});

async function start(options?: Parameters<typeof startMailEndpoint>[0]): Promise<MailEndpoint> {
  const endpoint = await startMailEndpoint(options);
  open.push(endpoint);
  return endpoint;
}

function senderTo(url: string, allowed: string[], clock = new FakeClock()): SmtpMailSender {
  const guard = new TargetGuard(allowed);
  return new SmtpMailSender({ server: parseMailUrl(url), from: "Chat <chat@example.com>", guard, clock });
}

const mail = { to: "ana@example.com", subject: "s", text: "t", html: "h", messageId: "<1@example.com>" };

describeMailSender("SMTP", async () => {
  const endpoint = await start();
  const clock = new FakeClock();
  return {
    sender: senderTo(endpoint.url, [endpoint.target], clock),
    answerRecipients(code) {
      endpoint.onRecipient = () => (code === undefined ? undefined : { code, text: "as you like" });
    },
    answerMails(code) {
      endpoint.onMail = () =>
        code === null ? new Promise(() => undefined) : code === undefined ? undefined : { code, text: "as you like" };
    },
    listArrived: () => endpoint.received,
    async pass(ms) {
      await eventually(() => endpoint.received.length > 0);
      await clock.advanceAsync(ms);
    },
    goDown: () => endpoint.close(),
  };
});

test("[NOTE-25] a connection is encrypted, and one with a password that cannot be is none", async () => {
  const user = { name: "me", password: "p@ss word" };
  const endpoint = await start({ user });
  const at = `me:p%40ss%20word@${endpoint.target}`;
  expect(await senderTo(`smtp://${at}?tls=unverified`, [endpoint.target]).send(mail)).toEqual({ kind: "taken" });
  expect(endpoint.received[0]?.isSecure).toBe(true);
  // Its certificate is signed by nobody, so it might be anybody's.
  expect(await senderTo(`smtp://${at}`, [endpoint.target]).send(mail)).toMatchObject({ kind: "later", isOutage: true });
  const wrong = senderTo(`smtp://me:wrong@${endpoint.target}?tls=unverified`, [endpoint.target]);
  expect(await wrong.send(mail)).toEqual({ kind: "later", isOutage: true, reason: expect.stringContaining("535") });
  expect(await wrong.findFault()).toContain("535");
  expect(endpoint.received).toHaveLength(1);

  const seen: string[] = [];
  const plain = createServer((socket) => {
    socket.write("220 plain ESMTP\r\n");
    socket.on("data", (chunk) => {
      seen.push(chunk.toString());
      socket.write(chunk.toString().startsWith("EHLO") ? "250-plain\r\n250 AUTH PLAIN\r\n" : "502 no\r\n");
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const target = `127.0.0.1:${(plain.address() as { port: number }).port}`;
  expect(await senderTo(`smtp://me:secret@${target}`, [target]).send(mail)).toMatchObject({ isOutage: true });
  expect(seen.join()).not.toContain("AUTH");
  plain.close();
});

test("[NOTE-16] mail goes to no server that is not public and was not allowed", async () => {
  const endpoint = await start();
  const refused = await senderTo(endpoint.url, []).send(mail);
  expect(refused).toEqual({ kind: "later", isOutage: true, reason: "the address is not a public one" });
  const byName = endpoint.url.replace("127.0.0.1", "localhost");
  expect(await senderTo(byName, [endpoint.target]).findFault()).toBe("the address is not a public one");
  expect(endpoint.received).toEqual([]);
});
