/** Settings of a server on which no limit stands in the way of a fault run. */
export const unlimited: Record<string, string> = {
  CHAT_RATE_LIMIT: "0",
  EVENT_RATE_LIMIT: "0",
  CONNECTION_RATE_LIMIT: "0",
  CONNECTION_LIMIT: "0",
  IN_FLIGHT_LIMIT: "0",
};
