// Hocuspocus as its documentation sets it up with a database: the token is checked, the document is loaded from one row
// and stored there whole, at most every two seconds. Its defaults are left alone.
import { createSecretKey } from "node:crypto";
import { Server } from "@hocuspocus/server";
import { jwtVerify } from "jose";
import connect from "postgres";
import * as Y from "yjs";

const sql = connect(process.env.DATABASE_URL ?? "", { max: 10, onnotice: () => undefined });
await sql`create table hocuspocus_documents (name text primary key, state bytea not null)`;

const secret = createSecretKey(process.env.JWT_SECRET ?? "", "utf8");

const server = new Server({
  port: 0,
  address: "127.0.0.1",
  quiet: true,
  async onAuthenticate({ token }) {
    const { payload } = await jwtVerify(token, secret);
    return { userId: payload.userId };
  },
  async onLoadDocument({ documentName, document }) {
    const [row] = await sql`select state from hocuspocus_documents where name = ${documentName}`;
    if (row) Y.applyUpdate(document, row.state);
    return document;
  },
  async onStoreDocument({ documentName, document }) {
    const state = Buffer.from(Y.encodeStateAsUpdate(document));
    await sql`insert into hocuspocus_documents (name, state) values (${documentName}, ${state})
      on conflict (name) do update set state = excluded.state`;
  },
});
await server.listen();
console.log(JSON.stringify({ port: server.address.port }));
