/** A path as it may be pasted into a shell: in quotes where it holds blanks or marks that shells read. */
export function shellWord(path: string): string {
  if (/^[\p{L}\p{N}_./\\:@%+=,~-]+$/u.test(path)) return path;
  // Between double quotes cmd and PowerShell read a path as it is; other shells still read these.
  return /["$`!]/.test(path) ? `'${path.replaceAll("'", `'\\''`)}'` : `"${path}"`;
}
