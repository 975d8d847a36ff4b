/** The part of a Yjs transaction that this is about; the protocol itself knows no Yjs. */
interface FormattingTransaction {
  _needFormattingCleanup: boolean;
}

/**
 * Keeps a Yjs document from changing by itself; for `doc.on("afterTransaction", leaveFormats)`, in each copy of a document.
 *
 * Yjs removes formats that the edits of several people have made superfluous, as an edit of everybody who receives them, of
 * those too who may only look, in a time that grows with the square of what is deleted. They are superfluous: they may stay.
 *
 * Source: `cleanupYTextAfterTransaction` of Yjs 13.
 */
export function leaveFormats(transaction: FormattingTransaction): void {
  transaction._needFormattingCleanup = false;
}
