/** A word as one types it into a shell, in one line whatever stands in it: where a line breaks, bash and zsh read `\n`. */
export function shellWord(value: string): string {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value;
  if (/\p{Cc}/u.test(value)) return `$'${value.replaceAll(/[\\'\p{Cc}]/gu, escaped)}'`;
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

function escaped(character: string): string {
  if (character === "\\" || character === "'") return `\\${character}`;
  return character === "\n" ? String.raw`\n` : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
