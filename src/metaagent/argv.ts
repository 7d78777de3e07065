/**
 * An agent's program with its placeholders filled in. `{command}` stands alone and becomes the given words.
 * Nothing is split, joined or passed through a shell.
 */
export function argvOf(
  argv: readonly string[],
  placeholders: Readonly<Record<"node" | "root", string>>,
  command: readonly string[],
): string[] {
  return argv.flatMap((word) =>
    word === "{command}"
      ? [...command]
      : [word.replaceAll("{node}", placeholders.node).replaceAll("{root}", placeholders.root)],
  );
}
