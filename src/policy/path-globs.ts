import picomatch from "picomatch";

const OPTIONS = { dot: true } as const;
/** Names that no rule is about: what matches them matches any name. */
const SOME = "zq7";
const DEEPER = `${SOME}/zr8`;

/**
 * The globs of a path in a rule file, by git's convention for ignored files: without a slash inside, it means any
 * folder below the rule's own; with one, or with one in front, a place counted from there. A folder means all in it.
 * Written as on Windows (`src\\gen`) it is the same. Empty for what names no place below the rule's folder.
 */
export function globsOf(written: string, folder: string): string[] {
  const plain = /^[\w.-]+(?:\\[\w.*-]+)+\\?$/.test(written) ? written.replaceAll("\\", "/") : written;
  const bare = plain.replace(/\/(?:\*\*)?$/, "");
  const path = bare.replace(/^\.?\//, "");
  if (path.includes("\\") || path.split("/").some((part) => ["", ".", ".."].includes(part))) return [];
  if (/[*?{]/.test(path) && !isPlainGlob(path)) return [];
  const escaped = /[*?{]/.test(path) ? path : literally(path);
  const base = folder === "" ? "" : `${literally(folder)}/`;
  const from = bare.includes("/") ? base : `${base}**/`;
  return [`${from}${escaped}/**`];
}

/**
 * Can a path be held against the glob in little time? picomatch makes an expression of it that tries all the ways in
 * which stars can share a name: `+(+([a-z]*)*)x` or twenty stars in one name never end. So only the glob of a plain
 * path, with few of them; none of the operator's own is held to this.
 */
export function isPlainGlob(glob: string): boolean {
  if (glob.length > 300 || !/^[\p{L}\p{N}\w./*?{},[\]~%#@= -]+$/u.test(glob)) return false;
  const alternatives = alternativesOf(glob);
  return alternatives.length <= 20 && alternatives.every((one) => !/[{}]/.test(one) && hasFewStars(one));
}

function hasFewStars(glob: string): boolean {
  const names = glob.split("/");
  // One at the end takes whatever is left, and costs nothing.
  const deep = names.slice(0, -1).filter((name) => name === "**").length;
  return deep <= 2 && names.every((name) => name === "**" || name.split("*").length <= 3);
}

function literally(path: string): string {
  return path.replaceAll(/[[\](){}!+@*?\\]/g, String.raw`\$&`);
}

export function matchesAny(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => picomatch.isMatch(path, glob, OPTIONS));
}

/**
 * Is everything that `glob` can mean inside `others`? Decided on samples with names that no rule knows, at several
 * depths. In doubt no: what a wide glob may touch is checked on the files that were really changed.
 */
export function isInside(glob: string, others: readonly string[]): boolean {
  const samples = samplesOf(glob);
  return samples !== undefined && samples.length > 0 && samples.every((path) => matchesAny(path, others));
}

/** Could work that declares `glob` touch one of these? In doubt yes. */
export function mayTouch(glob: string, others: readonly string[]): boolean {
  const own = baseOf(glob);
  return others.some((other) => {
    const base = baseOf(other);
    return own.startsWith(base) || base.startsWith(own);
  });
}

/** The fixed part in front of the first wildcard. */
function baseOf(glob: string): string {
  return glob.replace(/[*?{[(!+@].*$/su, "");
}

/** Samples of a glob without braces; undefined where it holds what is not understood here. */
function samplesOf(glob: string): string[] | undefined {
  if (/(?<!\\)(?:[[{]|[!?+*@]\(|^!)/.test(glob)) return undefined;
  const segments = glob.replace(/^\.?\//, "").split("/");
  const paths = segments.reduce<string[][]>(
    (made, segment) => made.flatMap((path) => variants(segment).map((more) => [...path, ...more])),
    [[]],
  );
  return paths.map((path) => path.join("/")).filter((path) => path !== "");
}

function variants(segment: string): string[][] {
  if (segment === "**") return [[], [SOME], DEEPER.split("/")];
  return [[segment.replaceAll("*", SOME).replaceAll("?", "z").replaceAll(/\\(.)/g, "$1")]];
}

/** `a/{b,c}` as `a/b` and `a/c`: each of them is declared. Too many are left as they stand. */
export function alternativesOf(glob: string): string[] {
  let open = [glob];
  for (let round = 0; round < 5; round += 1) {
    const next = open.flatMap((one) => {
      const found = /(?<!\\)\{([^{}]*,[^{}]*)\}/.exec(one);
      if (found === null) return [one];
      const [whole, inner = ""] = found;
      return inner.split(",").map((part) => one.slice(0, found.index) + part + one.slice(found.index + whole.length));
    });
    if (next.length > 200) return [glob];
    if (next.length === open.length) return next;
    open = next;
  }
  return open;
}
