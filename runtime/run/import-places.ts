import { normalize, posix, sep } from "node:path";
import { IMPORTS } from "./names.ts";

/**
 * Where in a run folder each imported text lies, by the path that it was imported under: as they lay to each other, with `up` for
 * the folder above. Two that would meet there, on a disk that ignores case too, or a text and a folder, lie in folders of numbers.
 */
export function importPlaces(paths: Iterable<string>): ReadonlyMap<string, string> {
  const texts = new Set<string>();
  const folders = new Set<string>();
  const isFree = (place: string): boolean => {
    const text = alike(place);
    return !texts.has(text) && !folders.has(text) && !foldersOf(text).some((folder) => texts.has(folder));
  };
  const places = new Map<string, string>();
  for (const path of paths) {
    const parts = normalize(path)
      .split(sep)
      .map((part) => (part === ".." ? "up" : part));
    let place = posix.join(IMPORTS, ...parts);
    for (let k = 2; !isFree(place); k++) place = posix.join(IMPORTS, String(k), ...parts);
    texts.add(alike(place));
    for (const folder of foldersOf(alike(place))) folders.add(folder);
    places.set(path, place);
  }
  return places;
}

/** Names that some disk takes for one are one. */
function alike(place: string): string {
  return place.normalize("NFC").toLowerCase();
}

function foldersOf(place: string): string[] {
  return [...place.matchAll(/\//g)].map(({ index }) => place.slice(0, index));
}
