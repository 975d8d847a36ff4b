import { fileURLToPath } from "node:url";
import { PHASE_DEVELOPMENT_SERVER, PHASE_PRODUCTION_BUILD } from "next/constants.js";
import { copyEmojiData } from "./emoji-data.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * @param {string} phase
 * @returns {import("next").NextConfig}
 */
export default function configure(phase) {
  if (phase === PHASE_DEVELOPMENT_SERVER || phase === PHASE_PRODUCTION_BUILD) copyEmojiData();
  return {
    agentRules: false,
    transpilePackages: ["@mirage/protocol", "@mirage/client", "@mirage/documents", "@mirage/react"],
    turbopack: { root },
    // `npm run check` has checked the types of the whole repository.
    typescript: { ignoreBuildErrors: true },
    // Hot reload is refused to pages of other hosts; this machine has two names.
    allowedDevOrigins: ["127.0.0.1", "localhost"],
    poweredByHeader: false,
    reactStrictMode: true,
    devIndicators: false,
  };
}
