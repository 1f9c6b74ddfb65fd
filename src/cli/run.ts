import { main } from "./main.ts";

/** The whole run of the command line that this process was started with. */
export const finished = main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
