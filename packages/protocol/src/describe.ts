import { z } from "zod";
import { commonErrors, limitClasses } from "./command.ts";
import { commands } from "./commands.ts";
import * as documents from "./documents.ts";
import * as entities from "./entities.ts";
import { errorCodes, handshakeRefusals, messages } from "./errors.ts";
import { events } from "./events.ts";
import { limits } from "./limits.ts";
import * as preferences from "./preferences.ts";
import { protocolVersion } from "./version.ts";

/** A JSON Schema, as far as the documentation and the lock look into one. */
export interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  default?: unknown;
  /** In place of all else: one of the named shapes. */
  entity?: string;
  [keyword: string]: unknown;
}

/** Everything a client can observe of the contract, as plain data: what the documentation prints. */
export function describeProtocol() {
  return {
    version: protocolVersion,
    entities: mapValues(namedSchemas, (schema) => toNamedJson(schema, "output", false)),
    commands: mapValues(commands, ({ input, reply, ...rest }) => ({
      ...rest,
      input: toNamedJson(input, "input"),
      reply: toNamedJson(reply, "output"),
    })),
    events: mapValues(events, ({ payload, ...rest }) => ({ ...rest, payload: toNamedJson(payload, "output") })),
    commonErrors,
    errorCodes,
    messages,
    handshakeRefusals,
    limitClasses: mapValues(limitClasses, (limit) => limit ?? null),
    limits,
  };
}

/** What the lock holds: all of it but the sentences, which may be improved at any time. */
export function describeWire() {
  const { commands: described, events: sent, ...rest } = describeProtocol();
  return {
    ...rest,
    commands: mapValues(described, ({ summary: _, ...command }) => command),
    events: mapValues(sent, ({ summary: _, ...event }) => event),
  };
}

export type ProtocolDescription = ReturnType<typeof describeProtocol>;

/** Shapes that have a name of their own: the documentation and the lock say the name instead of all their fields. */
const namedSchemas = {
  Message: entities.messageSchema,
  Room: entities.roomSchema,
  OwnRoom: entities.ownRoomSchema,
  RoomListing: entities.roomListingSchema,
  Member: entities.memberSchema,
  Reaction: entities.reactionSchema,
  Attachment: entities.attachmentSchema,
  UploadedFile: entities.uploadedFileSchema,
  FileUrl: entities.fileUrlSchema,
  ReadMarker: entities.readMarkerSchema,
  Invite: entities.inviteSchema,
  Notification: entities.notificationSchema,
  Presence: entities.presenceSchema,
  OwnPresence: entities.ownPresenceSchema,
  ChannelTable: preferences.channelTableSchema,
  DoNotDisturb: preferences.doNotDisturbSchema,
  Preferences: preferences.preferencesSchema,
  RoomPreferences: preferences.roomPreferencesSchema,
  Explanation: preferences.explanationSchema,
  Document: documents.documentSchema,
  DocumentState: documents.documentStateSchema,
  Comment: documents.commentSchema,
  DocumentVersion: documents.documentVersionSchema,
  DocumentPerson: documents.documentPersonSchema,
  AwarenessEntry: documents.awarenessEntrySchema,
  Position: entities.positionSchema,
};

function toJson(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json as JsonSchema;
}

function toNamedJson(schema: z.ZodType, io: "input" | "output", isWholeNamed = true): JsonSchema {
  const names = new Map(Object.entries(namedSchemas).map(([name, named]) => [JSON.stringify(toJson(named, io)), name]));
  const json = toJson(schema, io);
  return (isWholeNamed ? putNames(json, names) : mapChildren(json, names)) as JsonSchema;
}

function putNames(value: unknown, names: ReadonlyMap<string, string>): unknown {
  const entity = names.get(JSON.stringify(value));
  return entity === undefined ? mapChildren(value, names) : { entity };
}

function mapChildren(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((inner) => putNames(inner, names));
  if (typeof value !== "object" || value === null) return value;
  return mapValues(value as Record<string, unknown>, (inner) => putNames(inner, names));
}

function mapValues<Value, Mapped>(
  values: Readonly<Record<string, Value>>,
  map: (value: Value) => Mapped,
): Record<string, Mapped> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
