// What the page's address says: the room its path names, its query, numbers and switches in it.

export const query = new URLSearchParams(location.search);
export const room = decodeURIComponent(location.pathname.split("/")[2] ?? "");

/** A number from the query, or `fallback` where it is missing or outside least…most. */
export function number(name, fallback, least, most) {
  const value = Number.parseFloat(query.get(name) ?? "");
  return value >= least && value <= most ? value : fallback;
}

/** Whether a switch is on: `?name`, `?name=1`, but not `?name=0`, `false`, `off` or `no`. */
export function on(name) {
  return query.has(name) && !["0", "false", "off", "no"].includes(query.get(name).toLowerCase());
}

/** The first of several names the query has, as text; null where it has none. */
export function text(...names) {
  const found = names.find((name) => query.has(name));
  return found === undefined ? null : query.get(found);
}
