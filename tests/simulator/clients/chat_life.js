// A chat's whole life through twilio-node, unmodified: `node chat_life.js CONTROL-PLANE`. See chat_life.py.
"use strict";

const http = require("node:http");
const { readFileSync } = require("node:fs");
const { join, dirname } = require("node:path");
const twilio = require("twilio");

const CONTROL = process.argv[2];
const TOKEN = process.env.TWILIO_AUTH_TOKEN;
const client = twilio(); // credentials from the environment
const heard = [];

// Checks each webhook with the library's own validator.
const receiver = http.createServer((request, response) => {
  let raw = "";
  request.on("data", (part) => (raw += part));
  request.on("end", () => {
    const params = Object.fromEntries(new URLSearchParams(raw));
    const url = `http://${request.headers.host}${request.url}`;
    const genuine = twilio.validateRequest(TOKEN, request.headers["x-twilio-signature"], url, params);
    heard.push({ event: params.EventType, genuine });
    response.writeHead(204).end();
  });
});

// What customers, agents and time do.
function control(path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${CONTROL}/${path}`, { method: "POST" }, (answer) => {
      let raw = "";
      answer.on("data", (part) => (raw += part));
      answer.on("end", () => resolve(JSON.parse(raw)));
    });
    request.on("error", reject);
    request.end(JSON.stringify(body));
  });
}

// The code that the library reports for what is refused.
const refusal = (attempt) => attempt.then(() => 0, (error) => error.code);

async function life() {
  await new Promise((listening) => receiver.listen(0, "127.0.0.1", listening));
  const conversations = client.conversations.v1;

  const created = await conversations.services.create({ friendlyName: "Shop" });
  const service = conversations.services(created.sid);
  await conversations.configuration().update({ defaultInactiveTimer: "PT10M", defaultClosedTimer: "P1D" });
  await service.configuration.webhooks().update({
    postWebhookUrl: `http://127.0.0.1:${receiver.address().port}/hook?shop=caf%C3%A9`,
    filters: ["onParticipantAdded", "onMessageAdded", "onConversationStateUpdated"],
    method: "POST",
  });

  const { sid } = await service.conversations.create({ friendlyName: "Zoë & Ada", attributes: '{"language": "de"}' });
  const conversation = service.conversations(sid);
  await conversation.participants.create({ identity: "ada", xTwilioWebhookEnabled: "true" });
  await conversation.participants.create({
    "messagingBinding.address": "whatsapp:+15550100",
    "messagingBinding.proxyAddress": "whatsapp:+15550199",
    xTwilioWebhookEnabled: "true",
  });
  for (let number = 0; number < 5; number += 1) {
    await conversation.messages.create({
      author: "ada",
      body: `Grüße, ${number} & more`,
      xTwilioWebhookEnabled: "true",
    });
  }
  const messages = await conversation.messages.list({ pageSize: 2 });
  const firstPage = await conversation.messages.page({ pageSize: 2 });

  const participants = await conversation.participants.list();
  await conversation.webhooks.create({
    target: "webhook",
    "configuration.url": `http://127.0.0.1:${receiver.address().port}/scoped`,
    "configuration.method": "POST",
    "configuration.filters": ["onConversationStateUpdated"],
  });
  const [scoped] = await conversation.webhooks.list();
  const asChat = await client.chat.v2.services(created.sid).update({ postWebhookRetryCount: 2 });
  const armed = await conversation.fetch();
  await control("clock", { advance: "PT10M" });
  const silent = await conversation.fetch();
  await conversation.messages.create({ author: "ada", body: "Still there?" });
  const awake = await conversation.update({ "timers.inactive": "PT2M" });
  const tooShort = await refusal(conversation.update({ "timers.inactive": "PT30S" }));

  const chat = await control("chats", { channel: "whatsapp", stage: "assigned" });
  const [{ sid: workspaceSid }] = await client.taskrouter.v1.workspaces.list();
  const workspace = client.taskrouter.v1.workspaces(workspaceSid);
  const wanted = `conversationSid == '${chat.conversation}'`;
  const [task] = await workspace.tasks.list({ evaluateTaskAttributes: wanted });
  const [reservation] = await workspace.tasks(task.sid).reservations.list();
  const channel = await client.flexApi.v1
    .interaction(chat.interaction)
    .channels(chat.channel)
    .update({ status: "closed", routing: { status: "closed" } });
  const ended = await conversations.conversations(chat.conversation).fetch();
  const taskAfter = await workspace.tasks(task.sid).fetch();

  const grace = await conversations.conversations.create({ friendlyName: "Grace" });
  await conversations.conversations(grace.sid).participants.create({ identity: "grace" });
  const begun = await client.flexApi.v1.interaction.create({
    channel: { type: "web", initiated_by: "customer", properties: { media_channel_sid: grace.sid } },
    routing: { properties: { workspace_sid: workspaceSid, attributes: { vip: true } } },
  });
  const [waiting] = await workspace.tasks.list({ evaluateTaskAttributes: "vip == true" });
  const begunChannel = client.flexApi.v1.interaction(begun.sid).channels(begun.channel.sid);
  const invite = await begunChannel.invites.create({ routing: { properties: { workspace_sid: workspaceSid } } });

  await service.remove();
  const gone = await refusal(service.fetch());

  const webhooks = {};
  for (const event of heard.map((one) => one.event).sort()) webhooks[event] = (webhooks[event] ?? 0) + 1;
  const library = join(dirname(require.resolve("twilio")), "..", "package.json");
  return {
    library: JSON.parse(readFileSync(library, "utf8")).version,
    facts: {
      "timers at creation": Object.keys(armed.timers).sort(),
      participants: participants.map((who) => who.identity ?? who.messagingBinding.address).sort(),
      messages: messages.map((message) => message.body),
      "scoped webhook": scoped.configuration.filters,
      "as Chat v2": `${asChat.friendlyName}, ${asChat.postWebhookRetryCount} retries`,
      "next page": new URL(firstPage.nextPageUrl).host,
      "after ten minutes": silent.state,
      "after a message": awake.state,
      "a timer of 30 seconds": tooShort,
      "task before": `${task.assignmentStatus}, reservation ${reservation.reservationStatus}`,
      "task after": taskAfter.assignmentStatus,
      channel: channel.status,
      conversation: ended.state,
      "an interaction of our own": `task ${waiting.assignmentStatus}, invite ${invite.sid.slice(0, 2)}`,
      "a deleted service": gone,
      webhooks,
      "forged webhooks": heard.filter((one) => !one.genuine).length,
    },
  };
}

life().then(
  (told) => {
    console.log(JSON.stringify(told));
    process.exit(0);
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
