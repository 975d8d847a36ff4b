import {
  type Command,
  commands,
  commonErrors,
  type ErrorCode,
  errorCodes,
  newNotificationSchema,
  notificationSchema,
  uploadedFileSchema,
} from "@mirage/protocol";
import { z } from "zod";
import { documentPaths } from "./openapi-documents.ts";
import { isRestCommand } from "./run-command.ts";

const jsonOf = (schema: object) => ({ "application/json": { schema } });
const errorRef = { $ref: "#/components/schemas/Error" };
const roomId = { name: "roomId", in: "path", required: true, schema: { type: "string" } };
const actor = {
  name: "X-User-Id",
  in: "header",
  description: "With the API key: who does it.",
  schema: { type: "string" },
};

/** OpenAPI 3.1 of everything under `/api/v1`, made from the declarations of the commands. */
export function createOpenApi(options: { version: string }): Record<string, unknown> {
  const paths: Record<string, unknown> = {};
  for (const [name, command] of Object.entries(commands)) {
    if (isRestCommand(name)) paths[`/api/v1/commands/${name}`] = { post: operationOf(name, command) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Mirage Realtime", version: options.version },
    security: [{ bearer: [] }],
    paths: { ...paths, ...resourcePaths() },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A user's token, or the API key of a back end." },
      },
      schemas: { Error: errorSchema() },
    },
  };
}

function operationOf(name: string, command: Command) {
  return {
    operationId: name,
    summary: command.summary,
    tags: [command.feature],
    parameters: [actor],
    requestBody: { required: true, content: jsonOf(inputSchema(command.input)) },
    responses: {
      200: { description: "Done", content: jsonOf(replySchema(command.reply)) },
      ...refusalsOf([...commonErrors, ...command.errors]),
    },
  };
}

function resourcePaths() {
  const { chat_message: post, get_messages: page } = commands;
  const withoutRoom = inputSchema(post.input);
  const query = z.toJSONSchema(page.input, { io: "input" }).properties ?? {};
  return {
    "/api/v1/rooms/{roomId}/messages": {
      post: {
        ...operationOf("postMessage", post),
        parameters: [roomId, actor],
        requestBody: { required: true, content: jsonOf({ ...withoutRoom, required: ["content"] }) },
      },
      get: {
        operationId: "listMessages",
        summary: page.summary,
        tags: [page.feature],
        parameters: [
          roomId,
          actor,
          ...Object.entries(query)
            .filter(([name]) => name !== "roomId")
            .map(([name, schema]) => ({ name, in: "query", schema })),
        ],
        responses: {
          200: { description: "A page", content: jsonOf(replySchema(page.reply)) },
          ...refusalsOf([...commonErrors, ...page.errors]),
        },
      },
    },
    ...notificationPaths(),
    ...documentPaths({ operationOf, refusalsOf, actor }),
    "/api/v1/files": uploadPath(),
    "/api/v1/users/connected": {
      get: {
        operationId: "listConnectedUsers",
        summary:
          "Lists the people with an open connection to this node; for back ends, and for administrators without whoever is invisible.",
        tags: ["core"],
        responses: {
          200: { description: "People", content: jsonOf(connectedUsersSchema) },
          ...refusalsOf(["unauthenticated", "forbidden"]),
        },
      },
    },
  };
}

function notificationPaths() {
  const idempotencyKey = { name: "Idempotency-Key", in: "header", schema: { type: "string" } };
  const operation = (operationId: string, of: { summary: string; parameter: object; reply: z.ZodType }) => ({
    post: {
      operationId,
      summary: of.summary,
      tags: ["notifications"],
      parameters: [of.parameter, idempotencyKey],
      requestBody: { required: true, content: jsonOf(inputSchema(newNotificationSchema)) },
      responses: {
        201: { description: "Told", content: jsonOf(replySchema(of.reply)) },
        ...refusalsOf([...commonErrors, "forbidden", "not_found"]),
      },
    },
  });
  return {
    "/api/v1/users/{userId}/notifications": operation("sendNotification", {
      summary: "Tells one person; null where they do not want to be told of this kind. For back ends.",
      parameter: { name: "userId", in: "path", required: true, schema: { type: "string" } },
      reply: z.object({ notification: notificationSchema.nullable() }),
    }),
    "/api/v1/rooms/{roomId}/notifications": operation("sendRoomNotification", {
      summary: "Tells everybody in a room, and answers how many were told. For back ends.",
      parameter: roomId,
      reply: z.object({ count: z.int() }),
    }),
  };
}

function uploadPath() {
  return {
    post: {
      operationId: "uploadFile",
      summary:
        "Keeps a file, which its uploader may then hang on one message, or a picture for a document; unused it is removed after a day, or a week.",
      tags: ["core"],
      parameters: [
        actor,
        { name: "name", in: "query", schema: { type: "string" } },
        {
          name: "documentId",
          in: "query",
          description: "The document it is a picture for.",
          schema: { type: "string" },
        },
      ],
      requestBody: { required: true, content: { "*/*": { schema: { type: "string", format: "binary" } } } },
      responses: {
        201: { description: "Kept", content: jsonOf(replySchema(z.object({ file: uploadedFileSchema }))) },
        408: { description: "unavailable: it came too slowly", content: jsonOf(errorRef) },
        ...refusalsOf([
          "bad_request",
          "unauthenticated",
          "forbidden",
          "not_found",
          "disabled",
          "too_large",
          "rate_limited",
          "overloaded",
          "unavailable",
        ]),
      },
    },
  };
}

const connectedUsersSchema = {
  type: "object",
  required: ["users"],
  properties: {
    users: {
      type: "array",
      items: {
        type: "object",
        required: ["userId", "username", "connections"],
        properties: {
          userId: { type: "string" },
          username: { type: "string" },
          connections: { type: "integer" },
        },
      },
    },
  },
};

function inputSchema(schema: z.ZodType) {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest;
}

function replySchema(schema: z.ZodType) {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "output" });
  return rest;
}

/** One response for each status, naming the codes it stands for. */
function refusalsOf(codes: readonly ErrorCode[]) {
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codes) {
    const { status } = errorCodes[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const responses = [...byStatus].map(([status, names]) => [
    status,
    { description: [...names].join(", "), content: jsonOf(errorRef) },
  ]);
  return Object.fromEntries(responses);
}

function errorSchema() {
  return {
    type: "object",
    required: ["error"],
    properties: {
      error: {
        type: "object",
        required: ["code", "message", "retryable"],
        properties: {
          code: { enum: Object.keys(errorCodes) },
          message: { type: "string" },
          retryable: { type: "boolean" },
          retryAfterMs: { type: "integer" },
          issues: {
            type: "array",
            items: {
              type: "object",
              required: ["path", "message"],
              properties: { path: { type: "string" }, message: { type: "string" } },
            },
          },
        },
      },
    },
  };
}
