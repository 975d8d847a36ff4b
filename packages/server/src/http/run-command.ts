import { type CommandName, type CommandReply, commands, Refusal } from "@mirage/protocol";
import { parseInput } from "../access/parse-input.ts";
import type { Context, Session } from "../access/session.ts";
import { toRefusal } from "../access/to-refusal.ts";
import type { HttpOptions } from "./http-options.ts";

export type RestCommandName = Exclude<CommandName, "auth_refresh">;

/** The commands that need no live connection. */
export function isRestCommand(name: string): name is RestCommandName {
  return Object.hasOwn(commands, name) && commands[name as CommandName].socketOnly !== true;
}

/** Serves one command as the socket would: the same checks in the same order, the same handler. */
export async function runCommand<Name extends RestCommandName>(
  options: HttpOptions,
  call: { session: Session; name: Name; input: unknown },
): Promise<CommandReply<Name>> {
  const { metrics, clock, log } = options;
  const { session, name } = call;
  const startedAtMs = clock.monotonicMs();
  metrics.eventsReceived.inc({ event: name });
  try {
    return await answer(options, call, startedAtMs);
  } catch (error) {
    const refusal = toRefusal(error, commands[name].faultMessage);
    if (refusal.code === "internal") log.error({ err: error, event: name, userId: session.userId }, "command failed");
    metrics.eventsRejected.inc({ event: name, code: refusal.code });
    throw refusal;
  } finally {
    metrics.eventDurationSeconds.observe({ event: name }, (clock.monotonicMs() - startedAtMs) / 1_000);
  }
}

async function answer<Name extends RestCommandName>(
  options: HttpOptions,
  { session, name, input }: { session: Session; name: Name; input: unknown },
  startedAtMs: number,
): Promise<CommandReply<Name>> {
  const { rateLimits, handlers, isEnabled } = options;
  if (!isEnabled(commands[name].feature)) throw new Refusal("disabled", "Feature is disabled");
  const parsed = parseInput(name, input);
  if (!parsed.ok) throw parsed.refusal;
  const limited = rateLimits.spend(session.userId, name, startedAtMs);
  if (limited !== undefined) throw limited;
  let answered: CommandReply<Name> | undefined;
  const context: Context<Name> = {
    session,
    wantsAck: true,
    answer: (reply) => {
      answered = reply;
    },
  };
  const spent = { userId: session.userId, spentAtMs: startedAtMs };
  const handler: HttpOptions["handlers"][Name] = handlers[name];
  try {
    const reply = (await handler(context, parsed.payload)) ?? answered;
    if (reply === undefined) throw new Error(`unable to answer ${name}; its handler gave no reply`);
    rateLimits.settle(name, spent, reply);
    return reply;
  } catch (error) {
    rateLimits.settle(name, spent, toRefusal(error));
    throw error;
  }
}
