import {
  type Channel,
  type ChannelTable,
  channels,
  type DoNotDisturb,
  type Preferences,
  triggers,
} from "@mirage/protocol";

/** What is stored of somebody's preferences: what is not as usual, by `<trigger>.<channel>`, `doNotDisturb`, `keywords`. */
export type PreferenceOverrides = Record<string, unknown>;

/** Ways by which each trigger reaches people who have not said otherwise. */
const usualChannels: ChannelTable = {
  mention: table("inApp", "sound", "desktop", "push", "email"),
  reply: table("inApp", "sound", "desktop", "push"),
  message: table("inApp", "sound", "desktop", "push"),
  invite: table("inApp", "sound", "desktop", "push", "email"),
  like: table("inApp"),
  follow: table("inApp"),
  document: table("inApp", "desktop", "push"),
  moderation: table("inApp", "sound", "desktop", "push", "email"),
  system: table("inApp", "sound", "desktop", "push"),
  app: table("inApp", "sound", "desktop", "push"),
};

const usualPreferences: Preferences = { channels: usualChannels, doNotDisturb: { isOn: false }, keywords: [] };

/** Somebody's preferences as a whole. */
export function toPreferences(overrides: PreferenceOverrides | null | undefined): Preferences {
  if (!overrides) return usualPreferences;
  const whole = structuredClone(usualPreferences);
  for (const trigger of triggers) {
    for (const channel of channels) {
      const override = overrides[`${trigger}.${channel}`];
      if (typeof override === "boolean") whole.channels[trigger][channel] = override;
    }
  }
  if (overrides.doNotDisturb) whole.doNotDisturb = overrides.doNotDisturb as DoNotDisturb;
  if (Array.isArray(overrides.keywords)) whole.keywords = overrides.keywords as string[];
  return whole;
}

/** What of a change is stored. */
export function toOverrides(change: {
  channels?: Partial<Record<string, Partial<Record<string, boolean>> | undefined>> | undefined;
  doNotDisturb?: DoNotDisturb | undefined;
  keywords?: readonly string[] | undefined;
}): PreferenceOverrides {
  const cells = Object.entries(change.channels ?? {}).flatMap(([trigger, row]) =>
    Object.entries(row ?? {}).map(([channel, isOn]) => [`${trigger}.${channel}`, isOn] as const),
  );
  const { doNotDisturb, keywords } = change;
  return {
    ...Object.fromEntries(cells),
    ...(doNotDisturb ? { doNotDisturb } : {}),
    ...(keywords ? { keywords: [...new Set(keywords)] } : {}),
  };
}

function table(...on: Channel[]): Record<Channel, boolean> {
  return Object.fromEntries(channels.map((channel) => [channel, on.includes(channel)])) as Record<Channel, boolean>;
}
