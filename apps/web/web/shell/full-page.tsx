import type { ReactNode } from "react";
import { Logo } from "./logo.tsx";

/** A page that says one thing and offers one way on. */
export function FullPage(props: { title: string; text?: string; children?: ReactNode }) {
  return (
    <main className="relative isolate grid min-h-dvh place-items-center overflow-hidden px-5 py-10">
      <Horizon />
      <div className="w-full max-w-[420px] rounded-3xl bg-surface p-7 shadow-card sm:p-9">
        <Logo size={40} />
        <h1 className="mt-5 text-[1.625rem] font-bold leading-tight tracking-tight">{props.title}</h1>
        {props.text && <p className="mt-2 text-ink-soft">{props.text}</p>}
        {props.children && <div className="mt-6 flex flex-col gap-3">{props.children}</div>}
      </div>
    </main>
  );
}

/** The picture behind: a low sun, and what the hot air makes of it. */
function Horizon() {
  return (
    <svg
      className="absolute inset-0 -z-10 h-full w-full"
      viewBox="0 0 1200 800"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <circle cx="600" cy="430" r="330" className="fill-warm-soft" />
      <rect y="430" width="1200" height="370" className="fill-bg" />
      <g className="fill-accent-soft">
        <rect x="262" y="446" width="676" height="20" rx="10" />
        <rect x="300" y="486" width="600" height="17" rx="8.5" />
        <rect x="352" y="524" width="496" height="14" rx="7" />
        <rect x="410" y="560" width="380" height="11" rx="5.5" />
        <rect x="470" y="594" width="260" height="8" rx="4" />
        <rect x="530" y="626" width="140" height="6" rx="3" />
      </g>
    </svg>
  );
}
