import type { Frame } from "./cpu-profile.ts";

/** Narrower than this share of the whole is not drawn: nobody could see it. */
const narrowest = 0.0008;
const rowHeight = 19;

/** A page of its own without a network: wide is expensive, below is what called it; a click makes a part the whole. */
export function drawFlameGraph(tree: Frame, title: string): string {
  const busy = { ...tree, children: tree.children.filter(({ name }) => name !== "(idle)") };
  busy.totalMs = busy.children.reduce((sum, { totalMs }) => sum + totalMs, 0);
  const boxes: string[] = [];
  const draw = (frame: Frame, at: { left: number; row: number }): void => {
    const width = frame.totalMs / busy.totalMs;
    if (width < narrowest) return;
    const share = `${(100 * width).toFixed(1)} %, itself ${((100 * frame.selfMs) / busy.totalMs).toFixed(1)} %`;
    boxes.push(
      `<b data-x="${at.left.toFixed(5)}" data-w="${width.toFixed(5)}" style="top:${at.row * rowHeight}px;--h:${hueOf(frame.place)}" ` +
        `title="${escapeHtml(`${frame.name} ${frame.place}: ${share}`)}">${escapeHtml(frame.name)}</b>`,
    );
    let left = at.left;
    for (const child of frame.children) {
      draw(child, { left, row: at.row + 1 });
      left += child.totalMs / busy.totalMs;
    }
  };
  draw(busy, { left: 0, row: 0 });
  return page.replaceAll("TITLE", escapeHtml(title)).replace("BOXES", () => boxes.join("\n"));
}

/** The product's own code stands out from its dependencies and from Node. */
function hueOf(place: string): number {
  if (place.startsWith("packages/")) return 150;
  if (place.startsWith("node:")) return 215;
  return place === "" ? 0 : 35;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>TITLE</title>
<style>
body{font:13px system-ui,sans-serif;margin:16px}
main{position:relative;height:90vh;overflow-y:auto}
b{position:absolute;height:17px;overflow:hidden;white-space:nowrap;font-weight:400;padding:0 3px;box-sizing:border-box;
cursor:pointer;border-radius:2px;background:light-dark(hsl(var(--h) 60% 82%),hsl(var(--h) 35% 30%))}
</style>
<p>TITLE. Wide is expensive; a row calls the one below it. Green: this repository, orange: dependencies, blue: Node,
red: V8 and native code. Click a box to see it alone, the first row to see all.</p>
<main>
BOXES
</main>
<script>
const boxes=[...document.querySelectorAll("b")].map(e=>({e,x:+e.dataset.x,w:+e.dataset.w}));
function show(from,width){for(const{e,x,w}of boxes){const l=Math.max(0,(x-from)/width),r=Math.min(1,(x+w-from)/width);
e.style.display=r-l>5e-4?"":"none";e.style.left=100*l+"%";e.style.width=100*(r-l)+"%"}}
for(const{e,x,w}of boxes)e.onclick=()=>show(x,w);
show(0,1);
</script>
</html>
`;
