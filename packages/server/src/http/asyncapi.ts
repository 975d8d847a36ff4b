import { type Command, commands, type EventDeclaration, events, handshakeRefusals } from "@mirage/protocol";
import { z } from "zod";

const channel = { $ref: "#/channels/socket" };

/** AsyncAPI 3 of the Socket.IO connection, made from the declarations of commands and events. */
export function createAsyncApi(options: { version: string }): Record<string, unknown> {
  const sent = Object.entries(commands).map(
    ([name, command]) => [`command.${name}`, messageOf(name, command)] as const,
  );
  const received = Object.entries(events).map(([name, event]) => [`event.${name}`, eventOf(name, event)] as const);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Mirage Realtime",
      version: options.version,
      description: `Socket.IO 4 at /socket.io, token in \`auth\`. A handshake is refused with one of: ${refusals()}.`,
    },
    channels: { socket: { address: "/socket.io", messages: Object.fromEntries([...sent, ...received]) } },
    operations: Object.fromEntries([
      ...sent.map(([key]) => [key.replace(".", "_"), operationOf("receive", key)]),
      ...received.map(([key]) => [key.replace(".", "_"), operationOf("send", key)]),
    ]),
  };
}

/** The document is the server's: it receives commands and sends events. */
function operationOf(action: "send" | "receive", key: string) {
  return { action, channel, messages: [{ $ref: `#/channels/socket/messages/${key}` }] };
}

function messageOf(name: string, command: Command) {
  return {
    name,
    summary: command.summary,
    payload: jsonSchema(command.input, "input"),
    "x-acknowledgement": jsonSchema(command.reply, "output"),
    "x-errors": command.errors,
  };
}

function eventOf(name: string, event: EventDeclaration) {
  return { name, summary: event.summary, payload: jsonSchema(event.payload, "output"), "x-kind": event.kind };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output") {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

function refusals(): string {
  return Object.keys(handshakeRefusals).join(", ");
}
