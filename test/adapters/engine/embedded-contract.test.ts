import { describeEngineContract } from "../../contracts/engine-contract.ts";
import { createEmbeddedHarness } from "./engine-harness.ts";

describeEngineContract("the embedded engine", createEmbeddedHarness);
