// The room's live socket as pages use it: joins, comes back after a break, asks for what it missed, sends and hears the answers.

import { query, room } from "./address.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const REFUSED_WAIT = 30_000;
const STEADY = 5_000;
const ANSWER_WAIT = 10_000;
const SLEPT = 20_000;

/** Why a message was not taken: a code of the wire, or `offline`, or `lost` (the connection broke before the answer). */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Join the room. `ask` holds query parameters of the socket (`streams`, `lang`, `stability`, `after`, `partials`);
 * `onEvent(event)` gets every event, `onState(state, why)` one of "connecting", "live", "waiting", "refused".
 * `silence` (ms): with streams that never fall silent, such as `stats`, a connection silent for longer counts as dead.
 * Gives `send(message)`, a promise of the answer's `seq` that fails with `Refused`, and `close()`.
 */
export function join(ask, { onEvent, onState = () => {}, silence = 0 }) {
  const answers = new Map(); // ref → { resolve, reject, timer }
  let after = ask.after;
  let wait = FIRST_WAIT;
  let why = "";
  let socket = null;
  let retry = 0;
  let heard = 0;
  let sent = 0;
  let closed = false;

  function address() {
    const url = new URL(`/ws/rooms/${encodeURIComponent(room)}`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries({ token: query.get("token"), ...ask, after })) {
      if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
    }
    return url;
  }

  function settle(ref, error, seq) {
    const answer = answers.get(ref);
    if (answer === undefined) return;
    answers.delete(ref);
    clearTimeout(answer.timer);
    if (error) answer.reject(error);
    else answer.resolve(seq);
  }

  function take(event) {
    if (event.type === "ack") return settle(event.ref, null, event.seq);
    if (event.type === "error") {
      if (event.ref) settle(event.ref, new Refused(event.code, event.message));
      else why = event.message;
      return undefined;
    }
    if (Number.isInteger(event.seq)) after = event.seq;
    return onEvent(event);
  }

  function open() {
    if (closed) return;
    onState("connecting", "");
    const mine = new WebSocket(address());
    let steady = 0;
    let live = 0;
    socket = mine;
    why = "";
    heard = Date.now();
    mine.onopen = () => {
      steady = setTimeout(() => {
        wait = FIRST_WAIT;
      }, STEADY);
      // A refusal is told by an error and a close right after the connection opens; what stays open is live.
      live = setTimeout(() => {
        if (mine.readyState === WebSocket.OPEN) onState("live", "");
      }, 200);
    };
    mine.onmessage = ({ data }) => {
      heard = Date.now();
      let event;
      try {
        event = JSON.parse(data);
      } catch {
        return; // the server sends JSON only; a proxy's page is no message
      }
      take(event);
    };
    mine.onclose = ({ code }) => {
      if (socket !== mine) return;
      socket = null;
      clearTimeout(steady);
      clearTimeout(live);
      for (const ref of [...answers.keys()]) settle(ref, new Refused("lost", "the connection broke"));
      if (closed) return;
      const refused = code === 1008;
      onState(refused ? "refused" : "waiting", why);
      retry = setTimeout(open, refused ? REFUSED_WAIT : wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  }

  /** Give a connection up that is dead without having been closed, and connect anew at once. */
  function renew() {
    clearTimeout(retry);
    const dead = socket;
    socket = null;
    for (const ref of [...answers.keys()]) settle(ref, new Refused("lost", "the connection broke"));
    dead?.close();
    if (!closed) {
      onState("waiting", "");
      open();
    }
  }

  let looked = Date.now();
  const watching = setInterval(() => {
    const now = Date.now();
    const slept = now - looked > SLEPT; // the machine slept: its connections seldom live on
    looked = now;
    if (slept || (silence > 0 && socket?.readyState === WebSocket.OPEN && now - heard > silence)) renew();
  }, 2_000);
  addEventListener("online", () => {
    if (socket === null || socket.readyState !== WebSocket.OPEN) renew();
  });

  open();
  return {
    send(message) {
      if (socket === null || socket.readyState !== WebSocket.OPEN) return Promise.reject(new Refused("offline", "not connected"));
      sent += 1;
      const ref = `${message.type}-${sent}`;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(ref, new Refused("lost", "no answer")), ANSWER_WAIT);
        answers.set(ref, { resolve, reject, timer });
        socket.send(JSON.stringify({ ...message, ref }));
      });
    },
    close() {
      closed = true;
      clearTimeout(retry);
      clearInterval(watching);
      socket?.close();
    },
  };
}

/** The room as served (`GET /api/rooms/{room}`), for staff tokens; null where it cannot be had. */
export async function describe() {
  try {
    const answer = await fetch(`/api/rooms/${encodeURIComponent(room)}`, { headers: { Authorization: `Bearer ${query.get("token") ?? ""}` } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
