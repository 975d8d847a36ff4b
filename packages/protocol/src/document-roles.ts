/** What somebody may do with a document, least first: each may do what those before it may. */
export const documentRoles = ["view", "comment", "edit"] as const;
export type DocumentRole = (typeof documentRoles)[number];
