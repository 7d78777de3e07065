import type { CandidatePath, PreDecisionOptionFrame } from "../../contracts/packets/thinking.ts";
import { GateError } from "../../errors.ts";
import { consult, openSession } from "../../governance/consult.ts";
import { judgeChoiceGate } from "../../governance/prism.ts";
import { judgePublication } from "../../governance/warden.ts";
import { keyed } from "../../i18n.ts";
import { answerConditions } from "../query.ts";
import type { StepInput, StepResult } from "../step.ts";

const PATH = "read";

/**
 * Thinking of a query (G5, G8, G14): the ways to answer it are weighed and the rejected one keeps its reason, nobody
 * is asked because nothing can be changed, and the answer is held against its evidence. Nothing is planned.
 */
export function thinkingAnswerStep({ run, at }: StepInput): StepResult<"thinking.answered"> {
  const session = openSession("thinking", at);
  const candidatePaths = consult(session, "meta-conductor", "choose how the query is answered", waysToAnswer);
  const detail = "it is a query: it reads, changes nothing, and leaves nothing to choose";
  const frame: PreDecisionOptionFrame = {
    candidatePaths,
    recommendedPath: PATH,
    userChoiceRequired: false,
    choiceGateSkip: { reason: "query_bypass", detail },
    quality: { passed: true, remarks: [] },
  };
  const said = { standingInstruction: false, answeredInAdvance: false, queryBypass: run.queryBypass };
  const remark = consult(
    session,
    "meta-prism",
    "judge whether to ask",
    () => judgeChoiceGate(frame, said),
    (found) => found !== undefined,
  );
  if (remark !== undefined) throw new GateError("gate.choice_skip_unrecorded", remark);
  const verdict = consult(
    session,
    "meta-warden",
    "hold the answer against its evidence",
    () => judgePublication(answerConditions(run)),
    ({ passed }) => !passed,
  );
  if (!verdict.passed) throw new GateError("gate.answer", verdict.reasons.join("; "));
  const { intentGatePacket } = run.packets;
  return {
    kind: "thinking.answered",
    invocations: session.invocations,
    packets: {
      preDecisionOptionFrame: frame,
      ...(intentGatePacket === undefined
        ? {}
        : {
            intentGatePacket: {
              ...intentGatePacket,
              defaultAssumptions: [...intentGatePacket.defaultAssumptions, `nobody was asked: ${detail}`],
            },
          }),
    },
  };
}

function waysToAnswer(): CandidatePath[] {
  return [
    {
      id: PATH,
      title: keyed("query.path.read"),
      lanes: [],
      expectedMs: 0,
      pros: [keyed("query.path.read.pro")],
      cons: [keyed("query.path.read.con")],
    },
    {
      id: "worker",
      title: keyed("query.path.worker"),
      lanes: [],
      expectedMs: 0,
      pros: [keyed("query.path.worker.pro")],
      cons: [keyed("query.path.worker.con")],
      rejectedBecause: keyed("query.path.worker.rejected"),
    },
  ];
}
