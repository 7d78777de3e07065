import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { z } from "zod";
import { loadCatalog } from "../adapters/catalog/load-catalog.ts";
import { AgentCard, type CapabilityIndex } from "../src/contracts/agent.ts";
import { Macro } from "../src/contracts/macro.ts";
import { PoliciesFile } from "../src/contracts/policy.ts";

/**
 * Writes the files of `config/` that are made from others: the JSON schemas that editors use, and the layer of
 * the capability index that lists our own agents. `--check` writes nothing and fails when one is stale.
 */

const CONFIG = join(import.meta.dirname, "..", "config");

/** Path below `config/` → what must stand there now. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const { agents } = await loadCatalog({ configFolders: [CONFIG], capabilityIndexFiles: [] });
  const capabilities = agents.flatMap(({ id, capabilities, keywords }) =>
    capabilities.map((capability) => ({ owner: id, kind: "agent" as const, capability, keywords })),
  );
  const index: CapabilityIndex = { schemaVersion: 1, capabilities };
  const files = {
    "schema/macro.schema.json": schemaOf(Macro),
    "schema/agent.schema.json": schemaOf(AgentCard),
    "schema/policies.schema.json": schemaOf(PoliciesFile),
    "capability-index/coxswain-capabilities.json": index,
  };
  const entries = Object.entries(files).map(
    async ([path, value]) => [path, await format(JSON.stringify(value), { parser: "json", printWidth: 120 })] as const,
  );
  return new Map(await Promise.all(entries));
}

/** As people write the file: defaults may be left out, and unknown keys are refused as the loader refuses them. */
function schemaOf(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === "object" && jsonSchema.properties !== undefined)
        jsonSchema.additionalProperties ??= false;
    },
  });
}

/** The generated files that do not hold what they should. */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, content] of await generatedFiles()) {
    if ((await readFile(join(CONFIG, path), "utf8").catch(() => undefined)) !== content) stale.push(path);
  }
  return stale;
}

if (import.meta.main) {
  if (process.argv.includes("--check")) {
    const stale = await staleFiles();
    if (stale.length > 0) {
      process.stderr.write(`Stale: ${stale.join(", ")}. Run: npm exec -- node scripts/generate-schemas.ts\n`);
      process.exitCode = 1;
    }
  } else {
    for (const [path, content] of await generatedFiles()) await writeFile(join(CONFIG, path), content);
  }
}
