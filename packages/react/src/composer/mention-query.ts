/** The `@word` the caret stands in. */
export interface MentionQuery {
  /** Where the `@` is. */
  from: number;
  text: string;
}

const maxQueryLength = 40;

/** Finds the mention that is being written at the caret, if there is one. */
export function findMentionQuery(text: string, caret: number): MentionQuery | undefined {
  const before = text.slice(Math.max(0, caret - maxQueryLength), caret);
  const match = /(?:^|[\s([{"'])@([\p{L}\p{N}_.-]*)$/u.exec(before);
  if (!match) return undefined;
  const typed = match[1] ?? "";
  return { from: caret - typed.length - 1, text: typed };
}

interface Person {
  userId: string;
  username: string;
  /** Null: is no member any more. */
  role?: string | null;
}

/** Ranks the people who fit: names that begin with it, then names with a word that begins with it; who wrote last first. */
export function rankPeople<P extends Person>(
  members: readonly P[],
  query: string,
  recentUserIds: readonly string[],
): P[] {
  const wanted = query.toLowerCase();
  const score = (member: P): number => {
    const name = member.username.toLowerCase();
    if (name.startsWith(wanted)) return 0;
    return name.split(/\s+/).some((word) => word.startsWith(wanted)) ? 1 : 2;
  };
  const recency = (member: P): number => {
    const at = recentUserIds.indexOf(member.userId);
    return at === -1 ? Number.POSITIVE_INFINITY : at;
  };
  return members
    .filter((member) => member.role !== null && score(member) < 2)
    .sort((a, b) => score(a) - score(b) || compare(recency(a), recency(b)) || a.username.localeCompare(b.username))
    .slice(0, 8);
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
