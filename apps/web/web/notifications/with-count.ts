/** A page's title with the number of unread notifications before it, whatever number stood there. */
export function withCount(title: string, count: number): string {
  const bare = title.replace(/^\(\d+\+?\) /, "");
  return count === 0 ? bare : `(${count >= 100 ? "99+" : count}) ${bare}`;
}
