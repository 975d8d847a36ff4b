export interface Box {
  width: number;
  height: number;
}

/** How large one of so many pictures of a message may be shown. */
export const mostFor = (count: number): Box => (count > 1 ? { width: 220, height: 180 } : { width: 420, height: 320 });

/** How large a picture is shown: whole, inside of `most`, never larger than it is. Without its size, a place that suits most. */
export function fitBox(size: { width?: number | undefined; height?: number | undefined }, most: Box): Box {
  const { width, height } = size;
  if (!width || !height) return { width: Math.round(most.width * 0.75), height: Math.round(most.height * 0.75) };
  const scale = Math.min(1, most.width / width, most.height / height);
  // A line of one pixel could not be seen or tapped.
  return { width: Math.max(24, Math.round(width * scale)), height: Math.max(24, Math.round(height * scale)) };
}
