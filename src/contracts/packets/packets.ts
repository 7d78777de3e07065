import { z } from "zod";
import {
  ArbitrationPacket,
  EvolutionWritebackPacket,
  MetaReviewPacket,
  ReviewPacket,
  VerificationPacket,
} from "./closing.ts";
import { IntentGatePacket, PreflightPacket, TaskClassification } from "./critical.ts";
import { ContentEvidencePacket, FetchRecord } from "./fetch.ts";
import {
  AgentBlueprintPacket,
  BusinessFlowBlueprintPacket,
  CapabilityGapPacket,
  DispatchBoard,
  DispatchEnvelopePacket,
  PreDecisionOptionFrame,
  RunHeader,
  WorkerTaskPacket,
} from "./thinking.ts";

/** The run's packets by their protocol names; each is there once its stage has made it. */
export const Packets = z
  .object({
    taskClassification: TaskClassification,
    intentGatePacket: IntentGatePacket,
    preflightPacket: PreflightPacket,
    fetchRecord: FetchRecord,
    contentEvidencePacket: ContentEvidencePacket,
    preDecisionOptionFrame: PreDecisionOptionFrame,
    capabilityGapPacket: CapabilityGapPacket,
    runHeader: RunHeader,
    businessFlowBlueprintPacket: BusinessFlowBlueprintPacket,
    agentBlueprintPacket: AgentBlueprintPacket,
    dispatchEnvelopePacket: DispatchEnvelopePacket,
    dispatchBoard: DispatchBoard,
    workerTaskPackets: z.array(WorkerTaskPacket),
    reviewPacket: ReviewPacket,
    metaReviewPacket: MetaReviewPacket,
    verificationPacket: VerificationPacket,
    arbitrationPacket: ArbitrationPacket,
    evolutionWritebackPacket: EvolutionWritebackPacket,
  })
  .partial();
export type Packets = z.infer<typeof Packets>;
