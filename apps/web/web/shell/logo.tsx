/** The sign of the app: a sun on its own reflection. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="flex-none">
      <rect width="32" height="32" rx="9" className="fill-accent" />
      <path d="M8 17a8 8 0 0 1 16 0z" className="fill-surface" />
      <path d="M7 20.5h18M10 24h12" className="stroke-surface" strokeWidth="2" strokeLinecap="round" opacity=".75" />
    </svg>
  );
}
