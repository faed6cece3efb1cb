// The page: shows what the simulator says, and calls its control plane. Texts only ever become text nodes.

const $ = (id) => document.getElementById(id);
const REQUESTS_SHOWN = 200;
const PACES = { 1: { every: 1000, seconds: 1 }, 10: { every: 500, seconds: 5 }, 60: { every: 250, seconds: 15 } };

/** What the event stream said last: chats by SID, and the rest. */
const chats = new Map();
let world = { now: null, requests: 0, faults: [], schedules: [] };
let ordered = [];
let requests = [];
/** The chosen chat, as the control plane describes it, with its decisions. */
let chosen = null;

// -- the control plane ---------------------------------------------------------------------------------------------

async function call(method, path, body) {
  const answer = await fetch(`/_simulator/${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) {
    let why = text;
    try {
      why = JSON.parse(text).error;
    } catch {
      // Not JSON: the text itself says what happened.
    }
    throw Object.assign(new Error(why || `${method} ${path}: ${answer.status}`), { status: answer.status });
  }
  return text ? JSON.parse(text) : null;
}

/** Do something for a person: say that it is done, or why it was refused. */
async function attempt(done, act) {
  $("done").textContent = $("refused").textContent = "";
  try {
    await act();
    $("done").textContent = done;
    return true;
  } catch (error) {
    $("refused").textContent = error.message;
    return false;
  }
}

// -- elements ------------------------------------------------------------------------------------------------------

function element(tag, classes, text) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (text !== undefined) made.textContent = text;
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Show items in order below a parent. An item keeps its element, by key, so that focus and scrolling survive. */
function show(parent, items, make, update = () => {}) {
  const before = parent.shown ?? new Map();
  parent.shown = new Map(items.map((item) => [item.key, before.get(item.key) ?? make(item)]));
  for (const [key, node] of before) if (!parent.shown.has(key)) node.remove();
  let place = parent.firstElementChild;
  for (const item of items) {
    const node = parent.shown.get(item.key);
    update(node, item);
    if (place && place !== node && place.nextElementSibling === node) place = node; // the one between has moved away
    if (place === node) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

// -- time ----------------------------------------------------------------------------------------------------------

const now = () => Date.parse(world.now);
const clockTime = (at) => at.slice(11, 19);

/** A countdown such as 8:00, 1:08:00 or 2 d 01:08:00. */
function left(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const end = two(seconds % 60);
  if (days) return `${days} d ${two(hours)}:${two(minutes)}:${end}`;
  return hours ? `${hours}:${two(minutes)}:${end}` : `${minutes}:${end}`;
}

function nextStep(chat) {
  if (chat.timer) return `${chat.timer.sets} in ${left(Date.parse(chat.timer.due) - now())}`;
  return chat.state === "closed" ? "closed" : `${chat.state}, no timer runs`;
}

// -- the list of chats ---------------------------------------------------------------------------------------------

/** Options in view: only their countdowns run, so that a long list costs no more than a short one. */
const inView = new Set();
const watch = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (isIntersecting) inView.add(target);
    else inView.delete(target);
  }
  runDown();
}, { root: $("chats") });

function showList() {
  show($("chats"), ordered, makeOption, updateOption);
  for (const option of inView) if (!option.isConnected) inView.delete(option);
  if (chats.has(chosenSid())) $("chats").setAttribute("aria-activedescendant", chosenSid());
  else $("chats").removeAttribute("aria-activedescendant");
  setText($("more"), [
    world.more ? `${world.more} more chats come later.` : "",
    world.notChats ? `${world.notChats} conversations are no chats of Flex.` : "",
  ].join(" "));
}

function makeOption(chat) {
  const option = element("li");
  option.id = chat.sid;
  option.setAttribute("role", "option");
  option.append(element("span", "name"), element("span", "next"), element("span", "newest"), element("span", "muted"));
  option.addEventListener("click", () => choose(chat.sid));
  watch.observe(option);
  return option;
}

function updateOption(option, chat) {
  const selected = String(chat.sid === chosenSid());
  if (option.getAttribute("aria-selected") !== selected) option.setAttribute("aria-selected", selected);
  if (option.chat === chat) return;
  option.chat = chat;
  const [name, next, newest, more] = option.children;
  setText(name, `${chat.name}, ${chat.channel}`);
  setText(next, nextStep(chat));
  setText(newest, chat.newest ? `${chat.newest.speaker ?? "software"}: ${chat.newest.text}` : "no message yet");
  const tasks = chat.tasks.map((task) => (task.worker ? `${task.status}: ${task.worker}` : task.status));
  const aside = chat.aside && chat.aside !== "active" ? [`channel ${chat.aside}`] : [];
  const decision = chat.decision ? [`decided: ${chat.decision}`] : [];
  setText(more, [...tasks, ...aside, ...decision].join(", ") || "no task");
}

/** Show the time that is left, of chats, schedules and the chosen chat. */
function runDown() {
  for (const option of inView) {
    const { chat } = option;
    setText(option.children[1], nextStep(chat));
    const share = chat.timer ? Math.round((Date.parse(chat.timer.due) - now()) / 10 / chat.timer.seconds) : 0;
    option.style.setProperty("--left", `${Math.min(100, Math.max(0, share))}%`);
  }
  setText($("schedules"), world.schedules.map((one) => `${one.name} in ${left(Date.parse(one.next) - now())}`).join(", "));
  showTimer();
}

/** The SID of the chosen chat is in the address, so that a chat can be linked to. */
const chosenSid = () => new URLSearchParams(location.hash.slice(1)).get("chat") ?? "";

function choose(sid) {
  location.hash = `chat=${sid}`;
}

$("chats").addEventListener("keydown", (event) => {
  const at = ordered.findIndex((chat) => chat.sid === chosenSid());
  const places = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: ordered.length - 1 };
  if (!(event.key in places) || !ordered.length) return;
  event.preventDefault();
  const sid = ordered[Math.min(ordered.length - 1, Math.max(0, places[event.key]))].sid;
  choose(sid);
  $(sid).scrollIntoView({ block: "nearest" });
});

$("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the chosen chat
  $("chat").focus();
});

addEventListener("hashchange", () => {
  chosen = null;
  showList();
  refresh();
});

// -- the chosen chat -----------------------------------------------------------------------------------------------

function showChosen() {
  $("chosen").hidden = !chosen;
  $("hint").hidden = !!chosen;
  setText($("name"), chosen ? rowOf(chosen).name : "No chat is chosen");
  showDecision();
  showWebhooks();
  if (!chosen) return;
  const aside = chosen.interactionChannel ? `, channel ${chosen.interactionChannel.status}` : "";
  setText($("facts"), `${chosen.conversation}, ${chosen.channelType}, conversation ${chosen.state}${aside}`);
  showTimer();
  const tasks = chosen.tasks.map((task) => ({ ...task, key: task.sid }));
  show($("tasks"), tasks, makeTask, updateTask);
  const timeline = $("timeline");
  const atEnd = timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 40;
  show($("story"), story(), makeEntry);
  if (atEnd || timeline.of !== chosen.conversation) timeline.scrollTop = timeline.scrollHeight;
  timeline.of = chosen.conversation;
}

function showTimer() {
  if (chosen) setText($("timer"), `Next: ${nextStep(rowOf(chosen))}`);
}

/** The chat's row in the list; one made of what the control plane says if the list is too short for it. */
function rowOf({ conversation, state, timers }) {
  const [first] = Object.entries(timers).filter(([, due]) => due).sort(([, one], [, other]) => Date.parse(one) - Date.parse(other));
  const timer = first && { sets: first[0], due: first[1] };
  return chats.get(conversation) ?? { name: conversation, state, timer };
}

function makeTask() {
  const row = element("tr");
  row.append(...Array.from({ length: 4 }, () => element("td")));
  return row;
}

function updateTask(row, task) {
  const texts = [`…${task.sid.slice(-6)}`, task.purged ? "gone" : task.status, task.queue ?? "", task.worker ?? "nobody"];
  texts.forEach((text, index) => setText(row.children[index], text));
}

/** Messages, changes of state and decisions, in order of time; at one instant a timer comes first, a decision last. */
function story() {
  const key = (kind, index) => `${chosen.conversation} ${kind} ${index}`;
  const said = chosen.messages.map((message) => ({ key: message.sid, at: message.at, place: 1, message }));
  const changed = chosen.history.map((one, index) => ({
    key: key("state", index), at: one.at, place: one.reason === "TIMER" ? 0 : 2, text: `${one.from} to ${one.to} (${one.reason})`,
  }));
  const decided = chosen.decisions.map((one, index) => ({
    key: key(`decision ${one.at}`, index), at: one.at, place: 3, text: `decided: ${one.decision} ${one.reason}`,
  }));
  const order = (one, other) => Date.parse(one.at) - Date.parse(other.at) || one.place - other.place;
  return [...said, ...changed, ...decided].sort(order);
}

function makeEntry({ at, message, text }) {
  if (!message) return element("li", "event", `${clockTime(at)} ${text}`);
  const entry = element("li", message.kind ?? "other");
  const who = message.kind ?? `software (${message.author})`;
  entry.append(element("span", "who", `${who}, ${clockTime(at)}`), document.createTextNode(message.body ?? ""));
  return entry;
}

function showDecision() {
  const last = chosen?.decisions.at(-1);
  const said = last && [`${last.decision} ${last.reason}`.trim(), last.message].filter(Boolean).join(": ");
  setText($("verdict"), last ? `${clockTime(last.at)} ${said}` : "None was posted for this chat.");
  const rows = last ? last.rows.map((row, index) => ({ ...row, key: `${last.at} ${index} ${row.row} ${row.why} ${row.matched}` })) : [];
  show($("rows"), rows, (row) => {
    const why = row.why ? ` (${row.why})` : "";
    return element("li", row.matched ? "match" : "", `${row.matched ? "✓" : "✗"} ${row.row}${why}`);
  });
}

// -- requests, webhooks, faults ------------------------------------------------------------------------------------

function showRequests() {
  const sids = chosen ? [chosen.conversation, chosen.interaction, chosen.channel, ...chosen.tasks.map((task) => task.sid)] : [];
  const own = (one) => sids.some((sid) => sid && one.path.includes(sid));
  const listed = $("own").checked ? requests.filter(own) : requests;
  const newest = listed.slice(-REQUESTS_SHOWN).reverse().map((one) => ({ ...one, key: one.sequence }));
  show($("requests"), newest, (one) => {
    const failed = one.status === null || one.status >= 400;
    const fault = one.fault ? `, fault: ${one.fault}` : "";
    const entry = element("li", failed ? "failed" : "");
    entry.append(`${clockTime(one.at)} ${one.method} ${one.path} ${one.status ?? "no answer"}, ${Math.round(one.durationMs)} ms${fault}`);
    if (one.body) entry.append(element("span", "form", readable(one.body)));
    return entry;
  });
}

/** A form as its fields, one a line; anything else as it is. */
function readable(body) {
  return body.includes("=") && !body.startsWith("{")
    ? [...new URLSearchParams(body)].map(([name, value]) => `${name}: ${value}`).join("\n")
    : body;
}

function showWebhooks() {
  const deliveries = chosen ? [...chosen.deliveries].reverse().map((one) => ({ ...one, key: one.sequence })) : [];
  show($("webhooks"), deliveries, (one) =>
    element("li", one.status >= 200 && one.status < 300 ? "" : "failed",
      `${clockTime(one.at)} ${one.kind} to ${one.url}: ${one.status ?? one.error}, ${Math.round(one.durationMs)} ms`));
}

function showFaults() {
  const faults = world.faults.map((one, index) => ({ ...one, key: index }));
  show($("faults"), faults, () => element("li"), (node, one) => {
    const times = one.times === null ? "all" : one.times;
    setText(node, `${one.kind} on ${one.match || "every request"}, from ${one.nth}, ${times}: hit ${one.hit}`);
  });
}

// -- live ----------------------------------------------------------------------------------------------------------

function hear(news) {
  if (news.everything) {
    chats.clear();
    requests = [];
    chosen = null;
    for (const waiting of arrivals.splice(0)) waiting.resolve(); // their clock is gone
  }
  for (const row of news.rows) chats.set(row.sid, { ...row, key: row.sid });
  for (const sid of news.gone) chats.delete(sid);
  world = news;
  if (news.rows.length || news.gone.length || news.everything) {
    ordered = [...chats.values()].sort((one, other) => (one.order < other.order ? -1 : 1));
  }
  showList();
  runDown();
  setText($("now"), `${world.now.slice(0, 10)} ${clockTime(world.now)}`);
  $("jump").disabled = !ordered[0]?.timer;
  showFaults();
  arrive();
  refresh();
}

const arrivals = [];

/** Let go on whoever waits for a virtual time that the page shows. */
function arrive() {
  for (const waiting of arrivals.splice(0)) {
    if (waiting.at <= now()) waiting.resolve();
    else arrivals.push(waiting);
  }
}

let refreshing = false;
let again = false;

/** Read the chosen chat and the new requests: once at a time, and once more if something happened meanwhile. */
async function refresh() {
  again = refreshing;
  if (refreshing) return;
  refreshing = true;
  try {
    await Promise.all([readChosen(), readRequests()]);
    showChosen();
    showRequests();
  } catch (error) {
    $("refused").textContent = error.message;
  } finally {
    refreshing = false;
  }
  if (again) refresh();
}

async function readChosen() {
  const sid = chosenSid();
  const found = sid ? await readChat(sid) : null;
  chosen = sid === chosenSid() ? found : null;
}

async function readChat(sid) {
  try {
    const [chat, about] = await Promise.all([call("GET", `chats/${sid}`), call("GET", `chats/${sid}/decisions`)]);
    return { ...chat, decisions: about.decisions };
  } catch (error) {
    if (error.status === 404) return null; // it is gone, after a reset perhaps
    throw error;
  }
}

async function readRequests() {
  const known = requests.at(-1)?.sequence ?? 0;
  if (known >= world.requests) return;
  const after = Math.max(known, world.requests - 5 * REQUESTS_SHOWN);
  const answer = await call("GET", `requests?after=${after}`);
  requests = [...requests, ...answer.requests].slice(-5 * REQUESTS_SHOWN);
}

function listen() {
  const stream = new EventSource("/_simulator/events");
  stream.addEventListener("open", () => setText($("connection"), ""));
  stream.addEventListener("error", () => setText($("connection"), "The simulator does not answer; trying again."));
  stream.addEventListener("message", (event) => hear(JSON.parse(event.data)));
}

// -- what a person does --------------------------------------------------------------------------------------------

function onSubmit(id, act) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.target, Object.fromEntries(new FormData(event.target)));
  });
}

onSubmit("create", (_form, chat) =>
  attempt("The chat was created.", async () => choose((await call("POST", "chats", chat)).conversation)));

onSubmit("say", async (form, { from, body }) => {
  const done = await attempt(`The ${from} wrote.`, () => call("POST", `chats/${chosenSid()}/messages`, { from, body }));
  if (done) form.elements.body.value = "";
  form.elements.body.focus();
});

$("actions").addEventListener("click", ({ target }) => {
  if (target.dataset.do) {
    attempt(`Done: ${target.textContent}.`, () => call("POST", `chats/${chosenSid()}/actions`, { do: target.dataset.do }));
  }
});

/** Move the clock, and wait until the page shows what came of it, so that the next jump starts from there. */
async function moveClock(move) {
  const { now: arrived } = await call("POST", "clock", move);
  await new Promise((resolve) => {
    arrivals.push({ at: Date.parse(arrived), resolve });
    arrive();
  });
}

onSubmit("advance", (_form, { length, unit }) =>
  attempt("Time has passed.", () => moveClock({ advance: `PT${length}${unit}` })));

$("jump").addEventListener("click", () =>
  attempt("The next timer has fired.", () => moveClock({ to: ordered[0].timer.due })));

$("pace").addEventListener("change", () => run($("pace").value));

/** Let virtual time run at a pace until it is changed or refused. */
async function run(pace) {
  if (!pace || $("pace").value !== pace) return;
  const { every, seconds } = PACES[pace];
  const done = await attempt("Time runs.", () => moveClock({ advance: `PT${seconds}S` }));
  if (done) setTimeout(run, every, pace);
  else $("pace").value = "";
}

function showFields() {
  const kind = $("break").elements.kind.value;
  for (const field of $("break").querySelectorAll("[data-kinds]")) {
    field.hidden = !field.dataset.kinds.split(" ").includes(kind);
  }
}

$("break").addEventListener("change", showFields);

onSubmit("break", (form, { kind, match, nth, times, at, value, ...more }) => {
  const fault = { kind, match, nth: Number(nth), times: times ? Number(times) : null };
  const used = (name) => !form.elements[name].closest("[hidden]");
  if (used("when")) fault.when = more.when;
  if (used("status")) fault.status = Number(more.status);
  if (used("seconds")) fault.seconds = Number(more.seconds);
  if (used("at")) Object.assign(fault, { at }, value && { value });
  attempt(`Requests will meet: ${kind}.`, () => call("POST", "faults", fault));
});

$("mend").addEventListener("click", () => attempt("All faults are removed.", () => call("DELETE", "faults")));

onSubmit("disturb", (_form, { drop, duplicate, delay, reorder }) =>
  attempt("Webhooks are disturbed.", () => call("POST", "delivery", {
    drop: drop / 100, duplicate: Number(duplicate), delay: `PT${delay}S`, reorder: reorder === "on",
  })));

$("disturb").addEventListener("reset", () =>
  attempt("Webhooks are delivered normally.", () => call("POST", "delivery", {})));

$("own").addEventListener("change", showRequests);

showFields();
listen();
