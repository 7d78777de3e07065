/** Slack, as bindings, actors and settings call it. */
export const SURFACE_NAME = "slack";
