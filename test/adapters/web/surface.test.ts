import { CardKind } from "../../../src/contracts/effect.ts";
import {
  ROLES_OF_PEOPLE,
  surfaceContract,
  type OpenCard,
  type Person,
  type SurfaceDriver,
} from "../../contracts/surface-contract.ts";
import { aVisitor, formsIn, textIn, type Visitor } from "../../fixtures/browser-less.ts";
import { aConsole } from "../../fixtures/console.ts";

const PERSONAS = { starter: "ada", colleague: "cleo", operator: "olga", guest: "gus" } as const satisfies Record<
  Person,
  string
>;

surfaceContract("the console", async () => {
  const personas = (Object.keys(PERSONAS) as Person[]).map((person) => ({
    id: PERSONAS[person],
    name: PERSONAS[person].toUpperCase(),
    roles: ROLES_OF_PEOPLE[person],
  }));
  const here = await aConsole({}, personas);
  const visitors = new Map<Person, Promise<Visitor>>();
  const visitorOf = (who: Person): Promise<Visitor> => {
    const made = visitors.get(who) ?? signedIn(here.url, PERSONAS[who]);
    visitors.set(who, made);
    return made;
  };
  const articles = async (who: Person, channel: string, runId: string): Promise<{ kind: CardKind; html: string }[]> => {
    const { html } = await (await visitorOf(who)).get(`/chat/${channel}/${runId}`);
    const shown = [...html.matchAll(/<article class="card (\w+)"[\s\S]*?<\/article>/g)].map(([whole, kind]) => ({
      kind: CardKind.parse(kind),
      html: whole,
    }));
    // The page shows first what waits for a click, wherever it was posted: that is the last thing that happened.
    const waits = ({ kind, html: card }: (typeof shown)[number]): boolean =>
      (kind === "decision" || kind === "dead_letter") && card.includes('data-state="open"');
    return [...shown.filter((card) => !waits(card)), ...shown.filter(waits)];
  };
  return {
    channels: { home: "work", operators: "operators" },
    plane: () => here.plane(),
    start: async (who, goal) => {
      const visitor = await visitorOf(who);
      const { html } = await visitor.get("/chat/work");
      const form = formsIn(html).find(({ action }) => action.endsWith("/say"));
      const fields = form?.fields.filter(([name]) => name !== "text") ?? [];
      const { url } = await visitor.send("/chat/work/say", [...fields, ["text", `/cox run ${goal}`]]);
      return new URL(url).pathname.split("/").at(-1) ?? "";
    },
    card: async (who, channel, runId, kind) => {
      const html = (await articles(who, channel, runId)).findLast((article) => article.kind === kind)?.html;
      return html === undefined ? undefined : openCard(await visitorOf(who), html);
    },
    cards: async (channel, runId) => (await articles("guest", channel, runId)).map(({ kind }) => kind),
    posts: async (channel) => {
      const { html } = await (await visitorOf("operator")).get(`/chat/${channel}`);
      return [...html.matchAll(/<article class="card (?:alert|digest)"[\s\S]*?<\/article>/g)].map(([whole]) =>
        textIn(whole),
      );
    },
    pressNonsense: async (who, channel, runId) => {
      const visitor = await visitorOf(who);
      const { html } = await visitor.get(`/chat/${channel}/${runId}`);
      const form = formsIn(html).find(({ action }) => action === "/act");
      const answer = await visitor.send("/act", [...(form?.fields ?? []), ["token", "cx9.make.tea"]]);
      return textIn(/<main[\s\S]*<\/main>/.exec(answer.html)?.[0] ?? "");
    },
    restart: () => here.restart(),
    close: () => here.close(),
  } satisfies SurfaceDriver;
});

function openCard(visitor: Visitor, html: string): OpenCard {
  const forms = formsIn(html);
  return {
    text: textIn(html),
    buttons: [...new Set(forms.flatMap(({ buttons }) => buttons.flatMap(({ meaning }) => meaning ?? [])))],
    press: async (button, reason) => {
      const form = forms.find(({ buttons }) => buttons.some(({ meaning }) => meaning === button));
      const token = form?.buttons.find(({ meaning }) => meaning === button)?.token;
      if (form === undefined || token === undefined) throw new Error(`this card has no button ${button}`);
      const more = reason === undefined ? [] : [["reason", reason] as const];
      const answer = await visitor.send(form.action, [...form.fields, ...more, ["token", token]]);
      return textIn(/<div class="note [\s\S]*?<\/div>/.exec(answer.html)?.[0] ?? "");
    },
  };
}

async function signedIn(url: string, persona: string): Promise<Visitor> {
  const visitor = await aVisitor(url);
  const { html } = await visitor.get("/settings");
  const form = formsIn(html).find(({ action }) => action === "/me");
  const fields = form?.fields.filter(([name]) => name !== "persona") ?? [];
  await visitor.send("/me", [...fields, ["persona", persona]]);
  return visitor;
}
