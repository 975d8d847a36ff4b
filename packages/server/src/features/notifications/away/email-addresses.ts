import { randomBytes } from "node:crypto";
import { type CommandReply, Refusal, triggers } from "@mirage/protocol";
import { toOverrides } from "../../../access/preferences.ts";
import type { Session } from "../../../access/session.ts";
import { requireOk } from "../../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../../hot-path/hot-path.ts";
import { BatchLoader } from "../../../lib/batch-loader.ts";
import type { LinkTokens } from "../../../lib/link-tokens.ts";
import { WindowCounter } from "../../../lib/window-counter.ts";
import type { Clock } from "../../../ports/clock.ts";
import { maxMailFailures } from "../notifications.store.ts";
import type { EmailAddress, EmailAddressStore } from "./email-addresses.store.ts";

export interface EmailAddressesDeps {
  store: EmailAddressStore;
  hotPath: HotPath;
  clock: Clock;
  links: LinkTokens;
  /** This server sends mail. */
  isAvailable: boolean;
  /** A link waits to be sent. */
  onDue: () => void;
}

type State = CommandReply<"get_email">;

const linkLifetimeMs = 24 * 60 * 60_000;
/** Whoever asks: nobody's address is to be filled with links that they did not ask for. */
const linksPerAddress = { points: 3, windowMs: 60 * 60_000 };
const maxRemembered = 10_000;

/** Where people are told by mail. Nothing goes to an address that its owner has not confirmed, but the link to do so. */
export class EmailAddresses {
  readonly #deps: EmailAddressesDeps;
  readonly #links = new WindowCounter(linksPerAddress);
  /** Of tokens that came lately, so that one that comes again costs nothing. */
  readonly #learnt = new Map<string, string>();
  readonly #loader = new BatchLoader<string, true>((keys) => this.#learnAll(keys));

  constructor(deps: EmailAddressesDeps) {
    this.#deps = deps;
  }

  async get(session: Session): Promise<State> {
    return this.#stateOf(session, await this.#deps.store.find(session.userId));
  }

  /** Answers alike whether the address exists, is somebody else's, or has got too many links. */
  async set(session: Session, address: string): Promise<State> {
    const { store, clock, isAvailable, onDue } = this.#deps;
    const { userId, isGuest } = session;
    if (!isAvailable) throw new Refusal("disabled", "This server sends no mail");
    if (isGuest) throw new Refusal("forbidden", "Guests get no mail: sign up first");
    const known = await store.find(userId);
    if (known?.address === address && known.failureCount < maxMailFailures) {
      await store.stopWaiting(userId);
      return await this.get(session);
    }
    const nowMs = clock.now();
    const isMailed = this.#links.take(address.toLowerCase(), clock.monotonicMs()) === 0;
    const nonce = randomBytes(16).toString("base64url");
    const until = new Date(nowMs + linkLifetimeMs);
    await store.wait({ userId, address, nonce, until }, { isMailed, at: new Date(nowMs) });
    if (isMailed) onDue();
    return await this.get(session);
  }

  async remove(session: Session): Promise<State> {
    await this.#deps.store.remove(session.userId);
    return await this.get(session);
  }

  /** The address that a link is about; undefined: it was used, is too old, or not ours. */
  async findWaiting(token: string): Promise<string | undefined> {
    const [userId, nonce] = this.#deps.links.read("confirm", token) ?? [];
    if (userId === undefined || nonce === undefined) return undefined;
    return await this.#deps.store.findWaiting(userId, nonce, new Date(this.#deps.clock.now()));
  }

  /** Confirms the address that a link is about, once; undefined as `findWaiting` has it. */
  async confirm(token: string): Promise<string | undefined> {
    const [userId, nonce] = this.#deps.links.read("confirm", token) ?? [];
    if (userId === undefined || nonce === undefined) return undefined;
    return await this.#deps.store.confirm(userId, nonce, new Date(this.#deps.clock.now()));
  }

  /** Whether a link to stop all mail is one of ours; such a link lasts for ever. */
  isUnsubscribing(token: string): boolean {
    return this.#deps.links.read("unsubscribe", token) !== undefined;
  }

  /** Switches mail off in the person's preferences, where they see it and can switch it on again. False: not our link. */
  async unsubscribe(token: string): Promise<boolean> {
    const [userId] = this.#deps.links.read("unsubscribe", token) ?? [];
    if (userId === undefined) return false;
    const channels = Object.fromEntries(triggers.map((trigger) => [trigger, { email: false }]));
    const item = { op: "prefer", userId, overrides: toOverrides({ channels }) } as const;
    requireOk(await this.#deps.hotPath.submit(async () => item, `unsubscribe ${userId}`));
    return true;
  }

  /** What a trusted token says of its person: their host has confirmed it. A crowd that comes back costs a few statements. */
  async learn(userId: string, address: string): Promise<void> {
    if (!this.#deps.isAvailable || this.#learnt.get(userId) === address) return;
    await this.#loader.find(JSON.stringify([userId, address]));
    if (this.#learnt.size >= maxRemembered) this.#learnt.clear();
    this.#learnt.set(userId, address);
  }

  async #learnAll(keys: string[]): Promise<Map<string, true>> {
    const byUser = new Map(keys.map((key) => JSON.parse(key) as [string, string]));
    await this.#deps.store.learn([...byUser].map(([userId, address]) => ({ userId, address })));
    return new Map(keys.map((key) => [key, true]));
  }

  #stateOf({ isGuest }: Session, known: EmailAddress | undefined): State {
    const { address, failureCount = 0, lastError, waitingAddress, waitingUntil } = known ?? {};
    const isWaiting = waitingUntil != null && waitingUntil.getTime() > this.#deps.clock.now();
    const isFailing = failureCount >= maxMailFailures;
    return {
      isAvailable: this.#deps.isAvailable && !isGuest,
      state: address ? (isFailing ? "failing" : "confirmed") : isWaiting ? "waiting" : "none",
      ...(address ? { email: address } : {}),
      ...(isWaiting && waitingAddress ? { waitingEmail: waitingAddress } : {}),
      ...(isFailing && lastError ? { lastError } : {}),
    };
  }
}
