// Vercel's AI SDK reads a streamed answer: streamText, with the provider of the dialect.
// Node runs this text from the folder of a project; the answer's body comes on its input.

import { readFileSync } from "node:fs";

const { body, dialect, tools, repeats } = JSON.parse(readFileSync(0, "utf8"));
const bytes = Buffer.from(body, "base64");

const MAKERS = {
  "openai-chat": ["@ai-sdk/openai-compatible", "createOpenAICompatible"],
  "openai-responses": ["@ai-sdk/openai", "createOpenAI"],
  "anthropic-messages": ["@ai-sdk/anthropic", "createAnthropic"],
  gemini: ["@ai-sdk/google", "createGoogleGenerativeAI"],
};

async function read() {
  const { streamText, jsonSchema, tool } = await import("ai");
  const [name, maker] = MAKERS[dialect];
  const make = (await import(name))[maker];
  const fetch = async () =>
    new Response(bytes, { status: 200, headers: { "content-type": "text/event-stream" } });
  const settings = { name: "recorded", baseURL: "http://recorded.invalid/v1", apiKey: "none" };
  const provider = make({ ...settings, fetch });
  const model = dialect === "openai-responses" ? provider.responses("m") : provider("m");
  const offered = tools.map((one) => [one.name, tool({ inputSchema: jsonSchema(one.schema) })]);
  const stream = streamText({
    model,
    prompt: "?",
    tools: Object.fromEntries(offered),
    maxRetries: 0,
    onError() {},
  });
  for await (const part of stream.fullStream) if (part.type === "error") throw part.error;
  const usage = await stream.usage;
  return {
    text: await stream.text,
    reasoning: (await stream.reasoningText) ?? null,
    calls: (await stream.toolCalls).filter((one) => !one.providerExecuted).map(tell),
    finish: (await stream.rawFinishReason) ?? (await stream.finishReason),
    usage: {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      total_tokens: usage.totalTokens,
      cache_read_tokens: usage.inputTokenDetails?.cacheReadTokens,
      cache_creation_tokens: usage.inputTokenDetails?.cacheWriteTokens,
      reasoning_tokens: usage.outputTokenDetails?.reasoningTokens,
    },
    id: (await stream.response).id,
  };
}

function tell({ toolCallId, toolName, input }) {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  return { id: toolCallId, name: toolName, arguments: text };
}

try {
  const result = await read();
  let seconds = Infinity;
  for (let n = 0; n < repeats; n += 1) {
    const begun = performance.now();
    await read();
    seconds = Math.min(seconds, (performance.now() - begun) / 1000);
  }
  console.log(JSON.stringify({ ...result, seconds }));
} catch (error) {
  const isMissing = error?.code === "ERR_MODULE_NOT_FOUND";
  const kind = isMissing ? "ModuleNotFoundError" : (error?.name ?? "Error");
  console.log(JSON.stringify({ error: [kind, String(error?.message ?? error)] }));
}
process.exit(0);
