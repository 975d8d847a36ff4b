/**
 * The parts of a message that mean themselves: code between backticks, fenced code, and addresses. Nothing in them is a
 * mention or an emoji. Follows CommonMark where people notice it: a run of backticks is closed by a run of the same
 * length in the same paragraph, an unclosed fence reaches to the end. One pass, no backtracking: time grows with length.
 */
export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** In order, without overlap. */
export function findVerbatimRanges(text: string): Range[] {
  const ranges: Range[] = [];
  let from = 0;
  for (const code of findCode(text)) {
    ranges.push(...findAddresses(text, { start: from, end: code.start }), code);
    from = code.end;
  }
  ranges.push(...findAddresses(text, { start: from, end: text.length }));
  return ranges;
}

/** Answers for positions asked in rising order whether they lie in one of the ranges, and where that one ends. */
export function walkRanges(ranges: readonly Range[]): (at: number) => Range | undefined {
  let next = 0;
  return (at) => {
    for (let range = ranges[next]; range; range = ranges[++next]) {
      if (at < range.start) return undefined;
      if (at < range.end) return range;
    }
    return undefined;
  };
}

function* findCode(text: string): Generator<Range> {
  let proseStart = 0;
  let fence: { start: number; length: number } | undefined;
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const marker = /^ {0,3}(`{3,})([^`]*)$/.exec(text.slice(start, end));
    const length = marker?.[1]?.length ?? 0;
    if (fence && length >= fence.length && marker?.[2]?.trim() === "") {
      yield { start: fence.start, end };
      fence = undefined;
      proseStart = end;
    } else if (!fence && length > 0) {
      yield* findCodeSpans(text, { start: proseStart, end: start });
      fence = { start, length };
    }
    start = end + 1;
  }
  if (fence) yield { start: fence.start, end: text.length };
  else yield* findCodeSpans(text, { start: proseStart, end: text.length });
}

function* findCodeSpans(text: string, within: Range): Generator<Range> {
  const runs = findBacktickRuns(text, within);
  // The next run of each kind, so that no opening run searches for its end again and again.
  const nextOfKind = new Map<string, number>();
  const closers: (number | undefined)[] = [];
  for (let index = runs.length - 1; index >= 0; index--) {
    const kind = runs[index]?.kind ?? "";
    closers[index] = nextOfKind.get(kind);
    nextOfKind.set(kind, index);
  }
  for (let index = 0; index < runs.length; index++) {
    const opener = runs[index];
    const closerIndex = closers[index];
    const closer = closerIndex === undefined ? undefined : runs[closerIndex];
    if (!opener || !closer || closerIndex === undefined) continue;
    yield { start: opener.start, end: closer.end };
    index = closerIndex;
  }
}

/** `kind` is what must be the same of two runs: paragraph and length. */
function findBacktickRuns(text: string, within: Range): (Range & { kind: string })[] {
  const runs: (Range & { kind: string })[] = [];
  let paragraph = 0;
  let isBlankLine = false;
  for (let at = within.start; at < within.end; at++) {
    const char = text[at];
    if (char === "\n") {
      if (isBlankLine) paragraph++;
      isBlankLine = true;
    } else if (char === "`") {
      const start = at;
      while (at + 1 < within.end && text[at + 1] === "`") at++;
      runs.push({ start, end: at + 1, kind: `${paragraph}:${at + 1 - start}` });
      isBlankLine = false;
    } else if (char !== " " && char !== "\t" && char !== "\r") isBlankLine = false;
  }
  return runs;
}

/** `scheme://…` and `www.…`, each up to the next white space. */
function* findAddresses(text: string, within: Range): Generator<Range> {
  for (const word of text.slice(within.start, within.end).matchAll(/\S+/g)) {
    const start = within.start + word.index;
    const end = start + word[0].length;
    const separator = word[0].indexOf("://");
    const host = word[0].search(/(?<![\p{L}\p{N}])www\./iu);
    const scheme =
      separator > 0 && /[a-z0-9+.-]/i.test(word[0][separator - 1] ?? "") ? schemeStart(word[0], separator) : -1;
    const from = scheme >= 0 && (host < 0 || scheme < host) ? scheme : host;
    if (from >= 0) yield { start: start + from, end };
  }
}

function schemeStart(word: string, separator: number): number {
  let start = separator;
  while (start > 0 && /[a-z0-9+.-]/i.test(word[start - 1] ?? "")) start--;
  return start;
}
