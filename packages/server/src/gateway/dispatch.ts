import { type CommandName, type CommandReply, commands, type Feature, limits, Refusal } from "@mirage/protocol";
import type { Logger } from "pino";
import { type ParsedInput, parseInput } from "../access/parse-input.ts";
import type { Context, Handlers } from "../access/session.ts";
import { toRefusal } from "../access/to-refusal.ts";
import type { Clock } from "../ports/clock.ts";
import type { Closer } from "./closing.ts";
import type { Connection } from "./connection.ts";
import { encodeAck, encodeEvent } from "./frame.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { EventPacket } from "./guarded-parser.ts";
import type { RateLimits } from "./rate-limits.ts";

export interface DispatcherOptions {
  handlers: Handlers;
  isEnabled: (feature: Feature) => boolean;
  /** Unanswered requests a connection may have; 0: any number. */
  maxInFlight: number;
  rateLimits: RateLimits;
  closer: Closer;
  clock: Clock;
  log: Logger;
  metrics: GatewayMetrics;
}

/** One request on its way to its answer. */
interface Call {
  connection: Connection;
  /** As the client wrote it. */
  event: string;
  /** The command's name, or `unknown`: what may label a metric. */
  label: string;
  packetId: number | undefined;
  startedAtMs: number;
  isAnswered: boolean;
}

/**
 * From a packet to its answer: limits, shape, handler, acknowledgement. Untrusted input stops here. Packets are served
 * in the order they came: everything up to the handler's first wait happens in one go.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  receive(connection: Connection, packet: EventPacket): void {
    if (connection.state !== "open") return;
    const [event, input]: unknown[] = Array.isArray(packet.data) ? packet.data : [];
    const name = isCommandName(event) ? event : undefined;
    const call: Call = {
      connection,
      event: String(event).slice(0, 64),
      label: name ?? "unknown",
      packetId: packet.id,
      startedAtMs: this.#options.clock.monotonicMs(),
      isAnswered: false,
    };
    this.#options.metrics.eventReceived(call.label);
    const refusal = this.#findCeiling(connection, packet, name);
    if (refusal !== undefined) this.#refuse(call, refusal);
    else if (packet.fault !== undefined) this.#refuse(call, malformed(packet.fault));
    else if (name === undefined) this.#refuse(call, unknownEvent());
    else this.#serve(call, name, input);
  }

  /** What is refused whatever it asks for. */
  #findCeiling(connection: Connection, packet: EventPacket, name: CommandName | undefined): Refusal | undefined {
    const { rateLimits, maxInFlight } = this.#options;
    const limited = rateLimits.spendEvent(connection.bucket);
    if (limited !== undefined) return limited;
    if (connection.isLeaving) return stopping();
    if (packet.isOversize) return new Refusal("too_large", `Event too large: at most ${maxBytesOf(name)} bytes`);
    if (maxInFlight > 0 && connection.inFlightCount >= maxInFlight) {
      return new Refusal("rate_limited", "Too many unanswered requests", { retryAfterMs: 1_000 });
    }
    return undefined;
  }

  #serve<Name extends CommandName>(call: Call, name: Name, input: unknown): void {
    const { connection } = call;
    const parsed = this.#parse(call, name, input);
    if (!parsed.ok) {
      this.#refuse(call, parsed.refusal);
      return;
    }
    const context: Context<Name> = {
      session: connection.session,
      wantsAck: call.packetId !== undefined,
      answer: (reply) => this.#answer(call, reply, name),
    };
    connection.inFlightCount++;
    const whenFailed = (error: unknown): void => this.#fail(call, name, error);
    try {
      const reply = this.#options.handlers[name](context, parsed.payload);
      if (reply instanceof Promise) reply.then((late) => this.#answer(call, late, name)).catch(whenFailed);
      else this.#answer(call, reply, name);
    } catch (error) {
      whenFailed(error);
    }
  }

  /** Input that says nothing wrong, of a part that is on, within its own limit. */
  #parse<Name extends CommandName>(call: Call, name: Name, input: unknown): ParsedInput<Name> {
    const { isEnabled, rateLimits } = this.#options;
    if (!isEnabled(commands[name].feature)) {
      return { ok: false, refusal: new Refusal("disabled", "Feature is disabled") };
    }
    const parsed = parseInput(name, input);
    const limited = parsed.ok ? rateLimits.spend(call.connection.userId, name, call.startedAtMs) : undefined;
    return limited === undefined ? parsed : { ok: false, refusal: limited };
  }

  #answer(call: Call, reply: CommandReply<CommandName> | undefined, name: CommandName): void {
    if (call.isAnswered) return;
    this.#settle(call, name, reply);
    const { connection, packetId } = call;
    const frame =
      packetId === undefined ? undefined : encodeAck(packetId, { ok: true, ...reply }, commands[name].bytesOut);
    this.#finish(call);
    connection.inFlightCount--;
    if (frame !== undefined) connection.outlet.send(frame);
  }

  #fail(call: Call, name: CommandName, error: unknown): void {
    const { log } = this.#options;
    const refusal = toRefusal(error, commands[name].faultMessage);
    const { connectionId, userId } = call.connection.session;
    if (refusal.code === "internal") log.error({ err: error, event: name, connectionId, userId }, "command failed");
    if (call.isAnswered) return;
    call.connection.inFlightCount--;
    this.#settle(call, name, refusal);
    this.#refuse(call, refusal);
  }

  #settle({ connection, startedAtMs }: Call, name: CommandName, result: Parameters<RateLimits["settle"]>[2]): void {
    this.#options.rateLimits.settle(name, { userId: connection.userId, spentAtMs: startedAtMs }, result);
  }

  #refuse(call: Call, refusal: Refusal): void {
    const { connection, event, label, packetId } = call;
    const { metrics, closer, clock } = this.#options;
    this.#finish(call);
    metrics.eventRejected(label, refusal.code);
    connection.outlet.send(packetId === undefined ? encodeError(event, refusal) : encodeRefusal(packetId, refusal));
    const isAbuse = connection.refusals.count(refusal.code, clock.monotonicMs());
    if (isAbuse) closer.close(connection, "too_many_refusals", "goodbye");
  }

  #finish(call: Call): void {
    call.isAnswered = true;
    const seconds = (this.#options.clock.monotonicMs() - call.startedAtMs) / 1_000;
    this.#options.metrics.eventAnswered(call.label, seconds);
  }
}

function isCommandName(event: unknown): event is CommandName {
  return typeof event === "string" && Object.hasOwn(commands, event);
}

function maxBytesOf(name: CommandName | undefined): number {
  return name !== undefined && commands[name].bytesIn ? limits.updateBytes : limits.eventBytes;
}

function unknownEvent(): Refusal {
  return new Refusal("bad_request", "Unknown event", { issues: [{ path: "", message: "no such command" }] });
}

function malformed(message: string): Refusal {
  return new Refusal("bad_request", `Invalid payload: ${message}`, { issues: [{ path: "", message }] });
}

/** The client comes back to another server, or to this one once it is up again, and asks there. */
const stopping = (): Refusal => new Refusal("unavailable", "The server is stopping", { retryAfterMs: 1_000 });

function encodeRefusal(packetId: number, refusal: Refusal) {
  return encodeAck(packetId, { ok: false, error: refusal.toBody() });
}

function encodeError(event: string, refusal: Refusal) {
  const { code, message, retryAfterMs } = refusal.toBody();
  return encodeEvent("error", { code, message, event, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}
