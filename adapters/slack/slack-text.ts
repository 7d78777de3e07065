/**
 * What somebody wrote, as they see it: Slack sends links and mentions in angle brackets and escapes three characters.
 * A mention of the bot becomes `@coxswain`, which the grammar knows.
 */
export function textFromSlack(text: string, botUser: string): string {
  return text
    .replace(/<([^<>]*)>/gu, (_whole, inner: string) => meaning(inner, botUser))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
}

function meaning(inner: string, botUser: string): string {
  const [target = "", label] = inner.split("|", 2);
  const kind = target.charAt(0);
  if (kind === "@") return target.slice(1) === botUser ? "@coxswain" : `@${label ?? target.slice(1)}`;
  if (kind === "#") return `#${label ?? target.slice(1)}`;
  if (kind === "!") return `@${label ?? target.slice(1)}`;
  // A word that Slack made a link of, such as example.com, was typed as the label.
  return label !== undefined && target.endsWith(label) ? label : target;
}
