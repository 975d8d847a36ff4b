import type { MetadataRoute } from "next";

/** What makes the app installable: on a home screen it has its own window, a badge, and on Apple's devices push. */
export default function manifest(): MetadataRoute.Manifest {
  return {
    name: "Mirage",
    short_name: "Mirage",
    description: "Live conversations",
    id: "/",
    start_url: "/rooms",
    scope: "/",
    display: "standalone",
    background_color: "#f4f0e9",
    theme_color: "#0d6f68",
    icons: [
      { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
      { src: "/icon-512.png", sizes: "512x512", type: "image/png" },
      { src: "/icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
    ],
  };
}
