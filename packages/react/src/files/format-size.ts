const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** `1.4 MB`, in the reader's language. */
export function formatSize(bytes: number, locale?: string): string {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const unit = units[step] ?? "byte";
  // Short, a byte has no plural.
  const unitDisplay = unit === "byte" ? "long" : "short";
  const options = { style: "unit", unit, unitDisplay, maximumFractionDigits: step > 1 ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale, options).format(bytes / 1_000 ** step);
}
