/**
 * The one place where Slack reads markup is the plain text beside the blocks, which notifications show: `<!here>`, `<@U…>`
 * and `<https://…>` are commands there. The three characters that begin them are escaped as Slack's reference says.
 */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
