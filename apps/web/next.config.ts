import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER, PHASE_PRODUCTION_BUILD } from "next/constants";
import { copyEmojiData } from "./emoji-data.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export default function configure(phase: string): NextConfig {
  if (phase === PHASE_DEVELOPMENT_SERVER || phase === PHASE_PRODUCTION_BUILD) copyEmojiData();
  return {
    agentRules: false,
    transpilePackages: ["@mirage/protocol", "@mirage/client", "@mirage/react"],
    turbopack: { root },
    // The compiler of the whole repository has checked the types already.
    typescript: { ignoreBuildErrors: true },
    poweredByHeader: false,
    reactStrictMode: true,
    devIndicators: false,
  };
}
