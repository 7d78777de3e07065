/** What test programs print when they ran, and found nothing to run. */
const NONE_RAN: readonly RegExp[] = [
  /^(?:#|ℹ) tests 0$/m,
  /No tests? files? found/i,
  /No tests found/i,
  /no tests ran/i,
  /^\s*0 passing\b/m,
  /Error: no test specified/,
  /^Ran 0 tests in /m,
];

/** What programs print when something that they need is not installed. */
const NOT_INSTALLED: readonly RegExp[] = [
  /Cannot find (?:module|package) '([^'./][^']*)'/,
  /ModuleNotFoundError: No module named '([^']+)'/,
  /^(?:sh|bash)(?:: \d+| *: line \d+)?: ([\w@./-]+): (?:command )?not found/m,
];

export function noTestsRan(output: string): boolean {
  // A suite of several packages may be empty in one and full in another.
  return (
    NONE_RAN.some((pattern) => pattern.test(output)) &&
    !/^(?:#|ℹ) tests [1-9]|\b[1-9]\d* (?:passing|passed)\b/m.test(output)
  );
}

/** The name of what was missing, where the output says that something is not installed. */
export function notInstalled(output: string): string | undefined {
  for (const pattern of NOT_INSTALLED) {
    const name = pattern.exec(output)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}
