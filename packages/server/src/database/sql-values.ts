import type { SqlValue } from "./database.ts";

/**
 * Values on the way to and from the database, in Postgres' text format.
 * Both drivers carry text only and leave the meaning to this file, so a value looks the same whichever one is used.
 */
export type WireValue = string | null;

interface Column {
  readonly name: string;
  /** The type's number in `pg_type`; built-in types have the same ones everywhere. */
  readonly type: number;
}

export interface WireResult {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly WireValue[])[];
}

/** A string goes as it is: json given as text stays that text, whatever type the statement casts it to. */
export function encodeParam(value: SqlValue): WireValue {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return `{${value.map(encodeElement).join(",")}}`;
  throw new TypeError("unable to send a parameter; it has no SQL form");
}

function encodeElement(element: string | number): string {
  if (typeof element === "number") return String(element);
  return `"${element.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** Rows as objects; of two columns with one name the later wins. */
export function toObjects(result: WireResult): Record<string, unknown>[] {
  const columns = result.columns.map(({ name, type }) => ({ name, decode: decoders.get(type) }));
  return result.rows.map((row) => {
    const object: Record<string, unknown> = {};
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index];
      if (column !== undefined) object[column.name] = decodeOne(row[index], column.decode);
    }
    return object;
  });
}

/** Rows as arrays in column order; json, dates and arrays stay text, as query builders expect them. */
export function toArrays(result: WireResult): unknown[][] {
  const decode = result.columns.map(({ type }) => plainDecoders.get(type));
  return result.rows.map((row) => row.map((value, index) => decodeOne(value, decode[index])));
}

type Decode = (text: string) => unknown;

function decodeOne(value: WireValue | undefined, decode: Decode | undefined): unknown {
  if (value === null || value === undefined) return null;
  return decode === undefined ? value : decode(value);
}

const decodeBoolean: Decode = (text) => text === "t";
const decodeBytes: Decode = (text) => new Uint8Array(Buffer.from(text.slice(2), "hex"));
const decodeJson: Decode = (text) => JSON.parse(text);
/** Connections speak UTC, so the offset is `+00`; the ISO form is what every engine parses alike. */
const decodeInstant: Decode = (text) =>
  new Date(text.endsWith("+00") ? `${text.slice(0, -3).replace(" ", "T")}Z` : text);
const decodeLocalInstant: Decode = (text) => new Date(`${text.replace(" ", "T")}Z`);
const decodeDay: Decode = (text) => new Date(text);

/** Numbers of `pg_type`: bool, bytea, int8, int2, int4, oid, float4, float8, numeric. */
const plainDecoders = new Map<number, Decode>([
  [16, decodeBoolean],
  [17, decodeBytes],
  [20, Number],
  [21, Number],
  [23, Number],
  [26, Number],
  [700, Number],
  [701, Number],
  [1700, Number],
]);

/** json, jsonb, date, timestamp, timestamptz. */
const scalarDecoders = new Map<number, Decode>([
  ...plainDecoders,
  [114, decodeJson],
  [3802, decodeJson],
  [1082, decodeDay],
  [1114, decodeLocalInstant],
  [1184, decodeInstant],
]);

/** Array type → element type: of bool, bytea, int8, int2, int4, oid, float4, float8, numeric, text, varchar, json, jsonb and instants. */
const elementTypes: readonly (readonly [number, number])[] = [
  [1000, 16],
  [1001, 17],
  [1016, 20],
  [1005, 21],
  [1007, 23],
  [1028, 26],
  [1021, 700],
  [1022, 701],
  [1231, 1700],
  [1009, 25],
  [1015, 1043],
  [199, 114],
  [3807, 3802],
  [1115, 1114],
  [1185, 1184],
];

const decoders = new Map<number, Decode>([
  ...scalarDecoders,
  ...elementTypes.map(([array, element]): [number, Decode] => [
    array,
    (text) => decodeArray(text, scalarDecoders.get(element)),
  ]),
]);

/** Reads `{a,"b \" c",NULL,{…}}`. */
function decodeArray(text: string, decode: Decode | undefined): unknown[] {
  const elementPattern = /"((?:[^"\\]|\\.)*)"|([^{},"]+)|([{}])/gs;
  const root: unknown[] = [];
  const open: unknown[][] = [root];
  for (const [, quoted, bare, brace] of text.matchAll(elementPattern)) {
    const target = open.at(-1) ?? root;
    if (brace === "{") {
      const child: unknown[] = [];
      target.push(child);
      open.push(child);
    } else if (brace === "}") open.pop();
    else if (bare === "NULL") target.push(null);
    else target.push(decodeOne(bare ?? quoted?.replace(/\\(.)/gs, "$1"), decode));
  }
  return Array.isArray(root[0]) ? root[0] : root;
}
