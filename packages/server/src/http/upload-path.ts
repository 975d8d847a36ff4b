/** Where files come in. */
export const uploadPath = "/api/v1/files";
