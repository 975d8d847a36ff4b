const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** Text with its character references replaced: by number, and those names that everybody uses. */
export function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w{2,6}));/g,
    (whole, ...found: (string | undefined)[]) => {
      const [decimal, hexadecimal, name] = found;
      if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole;
      const point = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
      // NUL, halves of a pair and numbers beyond Unicode stand for no character.
      if (point === 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return "\ufffd";
      return String.fromCodePoint(point);
    },
  );
}

/** A character as a reference that reads back as itself and never as syntax. */
export function encodeEntity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
