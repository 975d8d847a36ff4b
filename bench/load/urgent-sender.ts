import { Agent, request } from "node:http";

/** Connections of the back end that tells people; each carries one request at a time. */
const maxSockets = 32;

/** A back end that tells single people something urgent, over REST. */
export class UrgentSender {
  readonly #agent = new Agent({ keepAlive: true, maxSockets });
  readonly #port: number;
  readonly #apiKey: string;

  constructor(port: number, apiKey: string) {
    this.#port = port;
    this.#apiKey = apiKey;
  }

  send(userId: string, { index, onRefused }: { index: number; onRefused: (what: string) => void }): void {
    const path = `/api/v1/users/${encodeURIComponent(userId)}/notifications`;
    const headers = { authorization: `Bearer ${this.#apiKey}`, "content-type": "application/json" };
    const call = request({ host: "127.0.0.1", port: this.#port, path, method: "POST", agent: this.#agent, headers });
    call.once("response", (response) => {
      response.resume();
      if (response.statusCode !== 201) onRefused(`status ${response.statusCode}`);
    });
    call.once("error", ({ message }) => onRefused(message));
    call.end(JSON.stringify({ title: "Urgent", content: `#${index} `, type: "system", urgent: true }));
  }

  close(): void {
    this.#agent.destroy();
  }
}
