import { createDecipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { PushPayload } from "@mirage/protocol";

/** One push as it arrived, opened with the keys of its device. */
export interface PushDelivery {
  device: string;
  payload: PushPayload;
  headers: IncomingHttpHeaders;
}

/** A push service and the browsers that subscribed to it, on this machine. */
export interface PushEndpoint {
  /** What `ALLOW_PRIVATE_TARGETS` has to name. */
  readonly target: string;
  readonly received: PushDelivery[];
  /** Requests, answered or not. */
  readonly requestCount: number;
  /** A browser's new subscription, as `add_push_device` takes it. */
  subscribe(device: string): { endpoint: string; keys: { p256dh: string; auth: string } };
  /** What the next requests are answered with; without it 201. A function may leave them unanswered. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

interface Browser {
  ecdh: ECDH;
  auth: Buffer;
}

/** Starts one that takes everything. */
export async function startPushEndpoint(): Promise<PushEndpoint> {
  const browsers = new Map<string, Browser>();
  const received: PushDelivery[] = [];
  let requestCount = 0;
  const server = createServer(async (request, response) => {
    requestCount++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const device = decodeURIComponent((request.url ?? "").slice(1));
    service.answer(request, response);
    const browser = browsers.get(device);
    if (response.statusCode !== 201 || !response.writableEnded || !browser) return;
    received.push({ device, payload: JSON.parse(open(browser, Buffer.concat(chunks))), headers: request.headers });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const service: PushEndpoint = {
    target,
    received,
    get requestCount() {
      return requestCount;
    },
    subscribe(device) {
      const browser = { ecdh: createECDH("prime256v1"), auth: randomBytes(16) };
      const p256dh = browser.ecdh.generateKeys("base64url");
      browsers.set(device, browser);
      const endpoint = `http://${target}/${encodeURIComponent(device)}`;
      return { endpoint, keys: { p256dh, auth: browser.auth.toString("base64url") } };
    },
    answer: (_request, response) => void response.writeHead(201).end(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return service;
}

/** `aes128gcm` of RFC 8188 with the keys of RFC 8291, for one record. */
function open({ ecdh, auth }: Browser, body: Buffer): string {
  const salt = body.subarray(0, 16);
  const keyLength = body.readUInt8(20);
  const senderKey = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), ecdh.getPublicKey(), senderKey]);
  const secret = Buffer.from(hkdfSync("sha256", ecdh.computeSecret(senderKey), auth, info, 32));
  const key = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: aes128gcm\0", 16));
  const nonce = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: nonce\0", 12));
  const decipher = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  // Text ends with the delimiter of a last record, and padding after it.
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
}
