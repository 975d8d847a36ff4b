import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./globals.css";

// Every answer has a nonce of its own for its inline scripts: see page-security.ts.
export const dynamic = "force-dynamic";

export const metadata: Metadata = {
  title: { default: "Mirage", template: "%s · Mirage" },
  description: "Live conversations",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  interactiveWidget: "resizes-content",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f4f0e9" },
    { media: "(prefers-color-scheme: dark)", color: "#121416" },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* A file, not inline: it also runs under a strict content security policy. */}
        <script src="/theme.js" />
      </head>
      <body>{children}</body>
    </html>
  );
}
