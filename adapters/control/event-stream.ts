/**
 * The data of each server-sent event of a body, in order (WHATWG HTML, 9.2.6). Made for our own server: one `data`
 * line an event, since JSON has no line ends; comments are skipped.
 */
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) yield line.slice("data: ".length);
  }
}
