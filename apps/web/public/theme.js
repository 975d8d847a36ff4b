// Runs before the first paint, so that a chosen theme never flashes in after the other one.
try {
  const theme = localStorage.getItem("mirage:theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is right.
}
