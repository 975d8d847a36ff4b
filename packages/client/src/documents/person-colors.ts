/** Dark enough for white text on them, and told from each other on white and on black. */
const colors = [
  "#c2410c",
  "#b45309",
  "#4d7c0f",
  "#15803d",
  "#0f766e",
  "#0369a1",
  "#1d4ed8",
  "#6d28d9",
  "#a21caf",
  "#be185d",
  "#b91c1c",
  "#475569",
] as const;

/** What a cursor is painted with: `color` for the caret and the name, `colorLight` behind what is selected. */
export interface PersonColors {
  color: string;
  colorLight: string;
}

/** One person has the same colour everywhere. */
export function colorsOf(userId: string): PersonColors {
  let hash = 0;
  for (const character of userId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  const color = colors[hash % colors.length] ?? colors[0];
  return { color, colorLight: `${color}33` };
}
