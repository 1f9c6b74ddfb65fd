/**
 * Loads a module by its address and runs its code. It stands alone because a script that V8 takes from its code cache cannot
 * import: the build keeps this file outside the command line's script.
 */
export function loadModule(url: string): Promise<unknown> {
  return import(url);
}
