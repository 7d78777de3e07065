import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";

/** One browser of the benchmark: it is signed in, fetches pages, sends forms, and listens. */
export interface Client {
  get(path: string): Promise<{ status: number; html: string }>;
  /** Sends a form; where it leads is not followed. */
  post(path: string, fields: readonly (readonly [string, string])[]): Promise<{ status: number; location: string }>;
  /** Resolves once the stream is open; `told` is called with the topic of each change. */
  listen(topics: string, told: (topic: string) => void): Promise<{ close(): void }>;
}

/** A client that has opened the printed address. Connections are kept alive and shared, as in a browser. */
export async function signedIn(url: string): Promise<Client> {
  const { origin } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 6 });
  const send = async (path: string, headers: Record<string, string>, body?: string): Promise<IncomingMessage> => {
    const outgoing = request(new URL(path, origin), { agent, method: body === undefined ? "GET" : "POST", headers });
    outgoing.end(body);
    try {
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      return response;
    } catch (error) {
      // As browsers do: the server may close an idle connection just when it is used again.
      if (outgoing.reusedSocket && error instanceof Error && "code" in error && error.code === "ECONNRESET") {
        return send(path, headers, body);
      }
      throw error;
    }
  };
  const first = await send(url, {});
  await textOf(first);
  const cookie = (first.headers["set-cookie"] ?? []).map((each) => each.split(";")[0]).join("; ");
  return {
    get: async (path) => {
      const response = await send(path, { cookie });
      return { status: response.statusCode ?? 0, html: await textOf(response) };
    },
    post: async (path, fields) => {
      const body = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
      const type = { "content-type": "application/x-www-form-urlencoded" };
      const response = await send(path, { cookie, origin, ...type }, body);
      await textOf(response);
      return { status: response.statusCode ?? 0, location: response.headers.location ?? "" };
    },
    listen: async (topics, told) => {
      const response = await send(`/events?topics=${encodeURIComponent(topics)}`, { cookie });
      let rest = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        const blocks = `${rest}${chunk}`.split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const topic = /^event: changed\ndata: (.*)$/m.exec(block)?.[1];
          if (topic !== undefined) told(topic);
        }
      });
      response.on("error", () => undefined);
      return { close: () => response.destroy() };
    },
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return text;
}
