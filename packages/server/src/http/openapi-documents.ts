import { type Command, commands, commonErrors, type ErrorCode } from "@mirage/protocol";

/** What `openapi.ts` makes of commands and codes. */
export interface OpenApiParts {
  operationOf(name: string, command: Command): { requestBody: object; responses: Record<string, object> };
  refusalsOf(codes: readonly ErrorCode[]): object;
  actor: object;
}

const documentId = { name: "documentId", in: "path", required: true, schema: { type: "string" } };

/** Documents as resources. */
export function documentPaths({ operationOf, refusalsOf, actor }: OpenApiParts): Record<string, object> {
  const { create_document: create, append_document: append, collaborative_edit: edit } = commands;
  const made = operationOf("postDocument", create);
  const { 200: done, ...refused } = made.responses;
  const read = (mediaType: string, format: string) => ({
    get: {
      operationId: `readDocumentAs${format}`,
      summary: `Reads a document as ${format}.`,
      tags: ["documents"],
      parameters: [documentId, actor],
      responses: {
        200: { description: "The document", content: { [mediaType]: {} } },
        ...refusalsOf([...commonErrors, "not_found"]),
      },
    },
  });
  return {
    "/api/v1/documents": { post: { ...made, responses: { 201: done, ...refused } } },
    "/api/v1/documents/{documentId}.md": read("text/markdown", "Markdown"),
    "/api/v1/documents/{documentId}.html": read("text/html", "HTML"),
    "/api/v1/documents/{documentId}.json": read("application/json", "JSON"),
    "/api/v1/documents/{documentId}/append": {
      post: {
        ...operationOf("appendToDocument", append),
        parameters: [documentId, actor],
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: { type: "object", required: ["markdown"], properties: { markdown: { type: "string" } } },
            },
          },
        },
      },
    },
    "/api/v1/documents/{documentId}/updates": {
      post: {
        operationId: "addUpdate",
        summary: "Adds one Yjs update (V1) of up to 8 MiB, answered when it is stored.",
        tags: ["documents"],
        parameters: [documentId, actor],
        requestBody: {
          required: true,
          content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
        },
        responses: {
          200: {
            description: "Stored",
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["seq"],
                  properties: { seq: { type: "integer" }, duplicate: { type: "boolean" } },
                },
              },
            },
          },
          ...refusalsOf([...commonErrors, ...edit.errors]),
        },
      },
    },
  };
}
