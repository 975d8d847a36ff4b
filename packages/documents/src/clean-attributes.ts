import { safeLink, safeSource } from "./safe-url.ts";

export type Attributes = Record<string, unknown>;

const text = (value: unknown, max: number): string | null =>
  typeof value === "string" && value !== "" ? value.slice(0, max) : null;
const whole = (value: unknown, { min, max }: { min: number; max: number }): number | undefined => {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= min && number <= max ? number : undefined;
};

const cell = ({ colspan, rowspan, align }: Attributes): Attributes => ({
  colspan: whole(colspan, { min: 1, max: 100 }) ?? 1,
  rowspan: whole(rowspan, { min: 1, max: 1_000 }) ?? 1,
  align: align === "left" || align === "right" || align === "center" ? align : null,
});

const cleaners: Record<string, (attributes: Attributes) => Attributes | undefined> = {
  heading: ({ level }) => ({ level: whole(level, { min: 1, max: 6 }) ?? 1 }),
  orderedList: ({ start }) => ({ start: whole(start, { min: 0, max: 999_999_999 }) ?? 1 }),
  codeBlock: ({ language }) => ({ language: /^[\w+#.-]{1,40}$/.exec(String(language ?? ""))?.[0] ?? null }),
  taskItem: ({ checked }) => ({ checked: checked === true || checked === "true" }),
  tableCell: cell,
  tableHeader: cell,
  image(attributes) {
    const src = safeSource(attributes.src);
    if (src === undefined) return undefined;
    const size = { min: 1, max: 20_000 };
    return {
      src,
      alt: text(attributes.alt, 1_000),
      width: whole(attributes.width, size) ?? null,
      height: whole(attributes.height, size) ?? null,
    };
  },
  mention({ id, label }) {
    const userId = text(id, 200);
    return userId === null ? undefined : { id: userId, label: text(label, 200) };
  },
  messageLink({ roomId, messageId, text: words }) {
    const ids = { roomId: text(roomId, 200), messageId: text(messageId, 200) };
    if (ids.roomId === null || ids.messageId === null) return undefined;
    return { ...ids, text: text(words, 1_000)?.replaceAll(/\s+/g, " ") ?? "" };
  },
  link({ href }) {
    const safe = safeLink(href);
    return safe === undefined ? undefined : { href: safe };
  },
};

/** The attributes of a node or mark that may stand, each of the right kind; nothing where it cannot stand at all. */
export function cleanAttributes(type: string, attributes: Attributes = {}): Attributes | undefined {
  const clean = Object.hasOwn(cleaners, type) ? cleaners[type] : undefined;
  return clean ? clean(attributes) : {};
}
