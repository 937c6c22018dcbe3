// The room's live socket as pages use it: connects, comes back after a break and asks for what it missed.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const REFUSED_WAIT = 30_000;
const STEADY = 5_000;
const RIGHT_TO_LEFT = new Set(["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"]);

/** The page's query and the room its path names: /overlay/{room}?… */
export const query = new URLSearchParams(location.search);
export const room = decodeURIComponent(location.pathname.split("/")[2] ?? "");

/** A number from the query, or `fallback` where it is missing or outside least…most. */
export function number(name, fallback, least, most) {
  const value = Number.parseFloat(query.get(name) ?? "");
  return value >= least && value <= most ? value : fallback;
}

/** Writing direction of a language. */
export function direction(lang) {
  return RIGHT_TO_LEFT.has(lang.toLowerCase().split("-")[0]) ? "rtl" : "ltr";
}

/**
 * Follow the room. `ask` holds the query parameters (`streams`, `lang`, `stability`, `after`); `onEvent(event)` gets every
 * message, `onState(state, why)` one of "connecting", "live", "waiting", "refused".
 */
export function follow(ask, onEvent, onState) {
  let after = ask.after;
  let wait = FIRST_WAIT;
  let why = "";

  function open() {
    onState("connecting", "");
    const url = new URL(`/ws/rooms/${encodeURIComponent(room)}`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const asked = { token: query.get("token"), ...ask, after };
    for (const [name, value] of Object.entries(asked)) {
      if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
    }
    const socket = new WebSocket(url);
    let steady = 0;
    why = "";

    socket.onopen = () => {
      steady = setTimeout(() => {
        wait = FIRST_WAIT;
      }, STEADY);
      // A refusal is told by an error and a close right after the connection opens; what stays open is live.
      setTimeout(() => {
        if (socket.readyState === WebSocket.OPEN) onState("live", "");
      }, 200);
    };
    socket.onmessage = ({ data }) => {
      let event;
      try {
        event = JSON.parse(data);
      } catch {
        return; // the server sends JSON only; a proxy's page is no message
      }
      if (event.type === "error") {
        why = event.message;
        return;
      }
      if (Number.isInteger(event.seq)) after = event.seq;
      onEvent(event);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(steady);
      const refused = code === 1008;
      onState(refused ? "refused" : "waiting", why);
      setTimeout(open, refused ? REFUSED_WAIT : wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  }

  open();
}
