/** What stands in backticks may be a path, a command, or a word of a programming language. In doubt it is the last. */

const FILES_WITHOUT_EXTENSION = new Set(
  "makefile dockerfile containerfile license licence copying notice authors codeowners gemfile rakefile procfile jenkinsfile vagrantfile brewfile podfile justfile changelog readme".split(
    " ",
  ),
);
const EXTENSIONS = new Set(
  "md mdx mdc txt rst adoc json jsonc json5 yaml yml toml ini cfg conf env xml html htm css scss sass less js mjs cjs jsx ts mts cts tsx vue svelte py pyi rb go rs java kt kts scala c h cc cpp hpp cs swift m php pl sh bash zsh fish ps1 bat sql graphql gql proto lock sum mod snap map svg png jpg jpeg gif webp ico pdf csv tsv pem key crt cer p12 pfx jks tf tfvars tfstate gradle properties lua ex exs erl hs ml r ipynb log bak tmp".split(
    " ",
  ),
);

/** With a slash, and yet the name of a branch, of a media type, or of a line in a file. */
const NO_PATH = /^(?:origin|upstream)\/|^(?:application|audio|font|image|text|video)\/[\w+-]+$|[:#]L?\d+$/;

export function isPathLike(code: string): boolean {
  const bare = code.replaceAll(/\{[^{}\s]*\}/g, "x");
  if (code === "" || code.length > 300 || /\s|[()<>|"'$`;,=:]|\.\.\.|…|\.\.\//u.test(bare)) return false;
  if (/^[@~!%-]/.test(code) || NO_PATH.test(code)) return false;
  if (/^\*\.[\w*.-]+$/.test(code)) return true;
  // Without an end that says so, `App\Models` is a name space and no folder of Windows.
  if (code.includes("/") || /^[^\\]+\\.*\\$/.test(code)) return true;
  if (FILES_WITHOUT_EXTENSION.has(code.toLowerCase()) || /^\.[\w-]+(?:\.[\w*-]+)*$/.test(code)) return true;
  return EXTENSIONS.has(/\.(\w+)$/.exec(code)?.[1]?.toLowerCase() ?? "");
}

const PROGRAMS = new Set(
  "awk aws az bash brew bun bundle cargo cat cd chmod chown cmake cp curl dd deno docker docker-compose dotnet eslint find flutter gcloud gem gh git go gradle gradlew grep helm hg java jest kill killall kubectl ln ls make mkdir mkfs mv mvn mvnw mypy node npm npx nx perl php pip pip3 pipx pkill pnpm poetry powershell prettier psql pytest python python3 rails rake reboot redis-cli rm rmdir rsync ruby ruff rustup scp sed sh shutdown ssh su sudo svn swift tar tee terraform tofu touch tox truncate tsc turbo uv vagrant vercel vitest wget wrangler xargs yarn zsh".split(
    " ",
  ),
);

/** Known as a program's name, or plainly a file that is run. */
export function isProgram(word: string): boolean {
  return PROGRAMS.has(word) || /^\.\/|\.(?:sh|bash|py|rb|ps1|bat)$/.test(word);
}

/** Alone and in backticks a function or a keyword as likely as a program: "do not use `find`". */
export function isAmbiguous(words: readonly string[]): boolean {
  return words.length === 1 && ["find", "go", "kill", "make", "node", "touch", "truncate"].includes(words[0] ?? "");
}

export function isCommandLike(code: string): boolean {
  const [program = ""] = code.split(/\s+/);
  return (
    isProgram(program) ||
    /^[a-z][a-z0-9_+.-]*(?:\/[\w.+-]+)*$/.test(program) ||
    /^(?:\.\/|scripts?\/|bin\/)/.test(program)
  );
}
