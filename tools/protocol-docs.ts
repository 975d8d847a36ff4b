// The pages of docs/protocol.md, made from the declarations in packages/protocol, so that they cannot say anything else.
import type { JsonSchema, ProtocolDescription } from "../packages/protocol/src/describe.ts";

/** The whole of docs/protocol.md. */
export function renderProtocol(protocol: ProtocolDescription): string {
  return [
    introduction(protocol.version),
    "## Commands",
    `A client sends a command as a Socket.IO event with one object and, if it wants an answer, an acknowledgement. The
answer is \`{ ok: true, … }\` with the fields below, or \`{ ok: false, error: { code, message, retryable, retryAfterMs?,
issues? } }\`. Without an acknowledgement a refusal arrives as the event \`error\`. Every command that does not need a
live connection is also served as \`POST /api/v1/commands/<name>\`.`,
    `Any command may be refused with ${list(protocol.commonErrors)}; further codes stand with each.`,
    ...Object.entries(protocol.commands).map(([name, command]) => renderCommand(name, command)),
    "## Events",
    `What the server sends. Events of a room or a user are stored, come in order, and have a position; a signal is about
now and may be lost; the others concern one connection alone. A \`Uint8Array\` travels as a binary attachment.`,
    ...Object.entries(protocol.events).map(([name, event]) => renderEvent(name, event)),
    "## Shapes",
    ...Object.entries(protocol.entities).map(([name, schema]) => `### ${name}\n\n${code(typeOf(schema))}`),
    "## Error codes",
    table(
      ["code", "trying again helps", "HTTP status"],
      Object.entries(protocol.errorCodes).map(([name, { retryable, status }]) => [
        `\`${name}\``,
        retryable ? "yes" : "no",
        String(status),
      ]),
    ),
    "### Refused handshakes",
    table(
      ["`data.code`", "`message`"],
      Object.entries(protocol.handshakeRefusals).map(([name, message]) => [`\`${name}\``, message]),
    ),
    "## Limits",
    table(
      ["name", "value"],
      Object.entries(protocol.limits).map(([name, value]) => [`\`${name}\``, value.toLocaleString("en")]),
    ),
    "Limits for kinds of command, per user; `message` is the setting `CHAT_RATE_LIMIT`.",
    table(
      ["kind", "how many", "in"],
      Object.entries(protocol.limitClasses).map(([name, limit]) => [
        `\`${name}\``,
        limit ? String(limit.points) : "–",
        limit ? `${limit.windowMs / 1000} s` : "–",
      ]),
    ),
  ]
    .join("\n\n")
    .concat("\n");
}

function introduction(version: number): string {
  return `# The wire contract, version ${version}

Made by \`npm run docs\` from \`packages/protocol\`; change it there. What is promised about order, durability and catching
up stands in [spec.md](spec.md); how a client follows positions and comes back, in [streams.md](streams.md).

Connect any Socket.IO 4 client to the path \`/socket.io\`, over websocket or long-polling, with a token:

\`\`\`ts
import { io } from "socket.io-client";

const socket = io("http://localhost:3001", { auth: { token } });
socket.on("chat_message", (message) => console.log(message.username, message.content));
const room = await socket.emitWithAck("join_room", { roomId: "general" });
const sent = await socket.emitWithAck("chat_message", { roomId: "general", content: "Hello", nonce: crypto.randomUUID() });
\`\`\``;
}

function renderCommand(name: string, command: ProtocolDescription["commands"][string]): string {
  const facts = [
    `part \`${command.feature}\``,
    `limit \`${command.limit}\``,
    `since version ${command.since}`,
    ...(command.socketOnly ? ["needs a live connection"] : []),
    ...(command.bareField ? [`a bare string counts as \`${command.bareField}\``] : []),
    ...(command.errors.length > 0 ? [`may be refused with ${list(command.errors)}`] : []),
  ];
  const shapes = code(`${typeOf(command.input)}\n→ ${typeOf(command.reply)}`);
  return `### \`${name}\`\n\n${command.summary}\n\n${shapes}\n\n${facts.join(" · ")}`;
}

function renderEvent(name: string, event: ProtocolDescription["events"][string]): string {
  const kinds = {
    room: "stored, on the room's stream",
    user: "stored, on the person's stream",
    document: "stored, on the document's stream",
    signal: "signal",
    connection: "to one connection",
  };
  return `### \`${name}\`\n\n${event.summary}\n\n${code(typeOf(event.payload))}\n\n${kinds[event.kind]}`;
}

/** A schema as a type that people read. */
export function typeOf(schema: JsonSchema, indent = ""): string {
  if (schema.entity !== undefined) return schema.entity;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.map((inner) => typeOf(inner, indent)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.format === "binary") return "Uint8Array";
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return arrayOf(schema.items ?? {}, indent);
  if (schema.properties) return objectOf(schema, indent);
  if (schema.type === "object") return "{ … }";
  if (schema.type === "integer") return "number";
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type }, indent)).join(" | ");
  return schema.type ?? "unknown";
}

function arrayOf(items: JsonSchema, indent: string): string {
  const inner = typeOf(items, indent);
  const isUnion = (items.anyOf ?? items.oneOf ?? items.enum ?? []).length > 1;
  return isUnion ? `(${inner})[]` : `${inner}[]`;
}

function objectOf(schema: JsonSchema, indent: string): string {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const fallback = field.default === undefined ? "" : ` = ${JSON.stringify(field.default)}`;
    return `${name}${required.has(name) ? "" : "?"}: ${typeOf(field, `${indent}  `)}${fallback}`;
  });
  if (fields.length === 0) return "{}";
  const line = `{ ${fields.join(", ")} }`;
  if (line.length + indent.length <= 100 && !line.includes("\n")) return line;
  return `{\n${fields.map((field) => `${indent}  ${field}`).join(",\n")}\n${indent}}`;
}

function code(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
