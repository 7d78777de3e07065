import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** A lane that runs a shell script; the script may leave marks in the folder of the macro. */
interface OwnLane {
  readonly id: string;
  readonly script: string;
  /** Further fields of the lane, as they stand in a macro file. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Adds a macro of one's own the way a user does: one file in a folder that the settings name. Returns the file. */
export async function addMacro(folder: string, id: string, lanes: readonly OwnLane[]): Promise<string> {
  const macro = {
    id,
    title: { en: `Errands (${id})`, "zh-CN": `杂务（${id}）` },
    description: { en: "Runs a few shell scripts.", "zh-CN": "运行几个脚本。" },
    type: "C",
    path: "regulated_path",
    risk: "low",
    triggers: { phrases: [`errands ${id}`] },
    lanes: lanes.map(({ id: lane, script, more }) => ({
      id: lane,
      title: { en: `Errand ${lane}`, "zh-CN": `杂务 ${lane}` },
      role: "operations",
      command: ["/bin/sh", "-c", script],
      repeatable: true,
      essential: true,
      retries: 0,
      verify: [
        { id: "ended-well", kind: "exit_code" },
        { id: "still-there", kind: "command", argv: ["test", "-e", "README.md"] },
      ],
      timeLimitMs: 60_000,
      ...more,
    })),
  };
  await mkdir(join(folder, "macros"), { recursive: true });
  const file = join(folder, "macros", `${id}.yaml`);
  await writeFile(file, stringify(macro));
  return file;
}
